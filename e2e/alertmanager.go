//go:build e2e

package e2e

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// Alertmanager is a real one, with its own configuration, that fires what it is told.
type Alertmanager struct {
	URL    string
	t      testing.TB
	output *transcript
}

// Alertmanager starts one with that configuration file and waits until it is ready.
func (st *Stage) Alertmanager(config string) *Alertmanager {
	st.t.Helper()
	binary := alertmanagerBinary(st.t)
	dir, address := directory(st.t), freeAddress(st.t)
	file := filepath.Join(dir, "alertmanager.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		st.t.Fatal(err)
	}
	a := &Alertmanager{URL: "http://" + address, t: st.t, output: &transcript{}}
	cmd := exec.Command(binary, "--config.file="+file, "--storage.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+address, "--cluster.listen-address=")
	cmd.Stdout, cmd.Stderr = a.output, a.output
	run(st.t, cmd)
	ready := Eventually(30*time.Second, func() bool {
		resp, err := http.Get(a.URL + "/-/ready")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	if !ready {
		st.t.Fatalf("Alertmanager did not become ready:\n%s", a.output)
	}
	return a
}

func alertmanagerBinary(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"prometheus-alertmanager", "alertmanager"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if runtime.GOOS == "linux" {
		t.Fatal("Alertmanager is missing: run make setup")
	}
	t.Skip("Alertmanager is missing")
	return ""
}

type postedAlert struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations,omitempty"`
	StartsAt    time.Time         `json:"startsAt,omitzero"`
	EndsAt      time.Time         `json:"endsAt,omitzero"`
}

// Fire raises the alert with those labels, as Prometheus does.
func (a *Alertmanager) Fire(labels, annotations map[string]string) {
	a.t.Helper()
	a.post(postedAlert{Labels: labels, Annotations: annotations})
}

// Resolve ends the alert with those labels; when it began stays as it was.
func (a *Alertmanager) Resolve(labels map[string]string) {
	a.t.Helper()
	a.post(postedAlert{Labels: labels, EndsAt: time.Now()})
}

func (a *Alertmanager) post(alert postedAlert) {
	a.t.Helper()
	client := &http.Client{Timeout: 10 * time.Second}
	if err := call(client, "POST", a.URL+"/api/v2/alerts", []postedAlert{alert}, nil); err != nil {
		a.t.Fatalf("%v\n%s", err, a.output)
	}
}
