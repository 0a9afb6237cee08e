//go:build e2e

package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"watchroom/e2e"
)

// page plays 880 Hz from a click to the next, in an audio context that only a person's gesture can start.
const page = `<!doctype html><title>tone</title><button id="on">on</button><button id="off">off</button><p id="state">new</p>
<script>
const context = new AudioContext(), tone = new OscillatorNode(context, { frequency: 880 }), gain = new GainNode(context, { gain: 0.3 })
tone.connect(gain); tone.start()
const show = () => { state.textContent = context.state }
context.onstatechange = show; show()
on.onclick = () => { gain.connect(context.destination); context.resume() }
off.onclick = () => gain.disconnect()
</script>`

func static(t *testing.T, html string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path == "/" {
			fmt.Fprint(w, html)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL + "/"
}

// What a page plays is heard from the browser that it plays in, and from no other; a browser without a gesture and a muted
// one are not heard, which shows that silence is measured and not assumed.
func TestStageRecordsSound(t *testing.T) {
	st := e2e.Start(t, e2e.Setup{Sound: true, NoServer: true})
	address := static(t, page)
	ann, ben, muted := st.Browser("ann"), st.Browser("ben"), st.BrowserAs("muted", e2e.Look{Muted: true})
	begin := time.Now()
	for _, b := range []*e2e.Browser{ann, ben, muted} {
		b.Goto(address)
	}
	if got := ann.Text("#state"); got != "suspended" {
		t.Errorf("before a gesture the audio context is %s, want suspended", got)
	}
	ann.WasSilent(begin)
	ann.Click("#on")
	muted.Click("#on")
	muted.See("text=running")
	took := ann.Hear(e2e.Tone(880), 20*time.Second)
	t.Logf("heard %v after the click, level %.3f, 880 Hz %.3f", took.Round(time.Millisecond), ann.Recorded(time.Second).Level(), ann.Recorded(time.Second).Band(880))
	if e2e.Tone(660)(ann.Recorded(time.Second)) {
		t.Error("660 Hz is heard, and nobody plays it")
	}
	ann.Click("#off")
	quiet := ann.HearSilence(time.Now(), 20*time.Second)
	t.Logf("silent %v after the second click", quiet.Round(time.Millisecond))
	ben.WasSilent(begin)
	muted.WasSilent(begin)
}

// A page can be read and used as a person does, on a phone too.
func TestStageUsesPages(t *testing.T) {
	st := e2e.Start(t, e2e.Setup{NoServer: true})
	b := st.BrowserAs("phone", e2e.Look{Width: 390, Height: 844, Phone: true})
	b.Goto(static(t, `<!doctype html><input id="name"><p id="said"></p><script>
document.querySelector('#name').addEventListener('change', (e) => { said.textContent = 'Hello ' + e.target.value })</script>`))
	b.Fill("#name", "Ann")
	b.Press("Tab")
	b.See("text=Hello Ann")
	if got := b.Eval("navigator.maxTouchPoints > 0"); got != true {
		t.Error("the phone cannot be touched")
	}
}

// A real Alertmanager fires at a receiver and says when it is over.
func TestStageFiresAlerts(t *testing.T) {
	st := e2e.Start(t, e2e.Setup{NoServer: true})
	type group struct {
		Status       string            `json:"status"`
		CommonLabels map[string]string `json:"commonLabels"`
	}
	groups := make(chan group, 16)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var g group
		if err := json.NewDecoder(r.Body).Decode(&g); err != nil {
			t.Error(err)
		}
		groups <- g
	}))
	t.Cleanup(receiver.Close)
	am := st.Alertmanager(`
route: { receiver: test, group_by: [alertname], group_wait: 0s, group_interval: 1s }
receivers:
  - name: test
    webhook_configs: [{ url: "` + receiver.URL + `", send_resolved: true }]
`)
	labels := map[string]string{"alertname": "DiskFull", "severity": "critical"}
	am.Fire(labels, map[string]string{"summary": "90 % of /var is used"})
	for _, want := range []string{"firing", "resolved"} {
		select {
		case g := <-groups:
			if g.Status != want || g.CommonLabels["alertname"] != "DiskFull" {
				t.Errorf("received %+v, want %s", g, want)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("not %s after 30 s", want)
		}
		if want == "firing" {
			am.Resolve(labels)
		}
	}
}

// Mails and publications are kept as they were sent.
func TestStageKeepsWhatIsSent(t *testing.T) {
	st := e2e.Start(t, e2e.Setup{NoServer: true})
	box, push := st.Mailbox(), st.PushServer()
	message := "Subject: Page\r\nTo: ann@example.org\r\n\r\nIt burns.\r\n"
	if err := smtp.SendMail(fmt.Sprintf("%s:%d", box.Host, box.Port), nil, "watchroom@example.org", []string{"ann@example.org"}, []byte(message)); err != nil {
		t.Fatal(err)
	}
	m := box.Wait(0, 5*time.Second, func(m e2e.Mail) bool { return m.Subject == "Page" })
	if len(m.To) != 1 || m.To[0] != "ann@example.org" || !strings.Contains(m.Body, "It burns.") {
		t.Errorf("kept %+v", m)
	}
	for _, form := range []struct{ path, body, title string }{
		{"/ann", "It burns.", "Page"},
		{"/", `{"topic":"ann","title":"Page","message":"It burns.","priority":5}`, ""},
	} {
		skip := len(push.Pushes())
		req, err := http.NewRequest("POST", push.URL+form.path, strings.NewReader(form.body))
		if err != nil {
			t.Fatal(err)
		}
		if form.title != "" {
			req.Header.Set("Title", form.title)
			req.Header.Set("X-Priority", "5")
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		p := push.Wait(skip, 5*time.Second, func(e2e.Push) bool { return true })
		if p.Topic != "ann" || p.Title != "Page" || p.Message != "It burns." || p.Priority != "5" {
			t.Errorf("kept %+v", p)
		}
	}
}
