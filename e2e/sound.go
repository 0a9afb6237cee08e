//go:build e2e

package e2e

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

const memory = 60 * rate // what a recorder keeps, in samples

// soundServer is a PulseAudio of its own, without any hardware. Each browser plays into a device of its own, so that who
// is heard and who is silent can be told apart.
type soundServer struct {
	t   testing.TB
	dir string
}

func startSound(t testing.TB) *soundServer {
	t.Helper()
	for _, tool := range []string{"pulseaudio", "pactl", "parec"} {
		if _, err := exec.LookPath(tool); err != nil && runtime.GOOS == "linux" {
			t.Fatalf("%s is missing: run make setup", tool)
		} else if err != nil {
			t.Skipf("%s is missing, and sound is recorded through it", tool)
		}
	}
	s := &soundServer{t: t, dir: directory(t)}
	cmd := exec.Command("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1",
		"--log-target=file:"+filepath.Join(s.dir, "log"), "-L", "module-native-protocol-unix auth-anonymous=1 socket="+s.socket())
	cmd.Env = s.environment("")
	run(t, cmd)
	if !Eventually(20*time.Second, func() bool { _, err := s.pactl("info"); return err == nil }) {
		log, _ := os.ReadFile(filepath.Join(s.dir, "log")) // whatever there is helps
		t.Fatalf("the sound server did not start:\n%s", log)
	}
	return s
}

func (s *soundServer) socket() string { return filepath.Join(s.dir, "native") }

// environment points a program at this sound server, and at one of its devices.
func (s *soundServer) environment(device string) []string {
	env := append(os.Environ(), "XDG_RUNTIME_DIR="+s.dir, "PULSE_RUNTIME_PATH="+s.dir, "PULSE_STATE_PATH="+s.dir, "PULSE_SERVER=unix:"+s.socket())
	if device != "" {
		env = append(env, "PULSE_SINK="+device)
	}
	return env
}

func (s *soundServer) pactl(args ...string) (string, error) {
	cmd := exec.Command("pactl", args...)
	cmd.Env = s.environment("")
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// device makes a sound device and starts the one recorder that listens to it until the test ends. One recorder that never
// stops has no beginning at which old sound could still be heard.
func (s *soundServer) device(name string) *recorder {
	s.t.Helper()
	if out, err := s.pactl("load-module", "module-null-sink", "sink_name="+name, fmt.Sprint("rate=", rate), "channels=1"); err != nil {
		s.t.Fatalf("make the sound device %s: %v: %s", name, err, out)
	}
	cmd := exec.Command("parec", "--device="+name+".monitor", "--raw", "--format=s16le", fmt.Sprint("--rate=", rate), "--channels=1", "--latency-msec=20")
	cmd.Env = s.environment("")
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	r := &recorder{}
	var reading sync.WaitGroup
	s.t.Cleanup(reading.Wait) // after the recorder was ended, as that was started later
	run(s.t, cmd)
	reading.Go(func() { r.read(out) })
	if !Eventually(20*time.Second, func() bool { return r.last(100*time.Millisecond).Length() > 0 }) {
		s.t.Fatalf("nothing is recorded from the sound device %s", name)
	}
	return r
}

// run starts cmd and kills it when the test ends.
func run(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()         // killed
	})
}

// recorder keeps the last minute of what a device plays.
type recorder struct {
	mu      sync.Mutex
	samples Clip
	arrived time.Time // when the newest sample did
}

func (r *recorder) read(from io.Reader) {
	in := bufio.NewReaderSize(from, 1<<16)
	chunk := make([]byte, 2*rate/100)
	for {
		if _, err := io.ReadFull(in, chunk); err != nil {
			return
		}
		r.mu.Lock()
		for i := 0; i < len(chunk); i += 2 {
			r.samples = append(r.samples, float64(int16(binary.LittleEndian.Uint16(chunk[i:])))/32768)
		}
		if len(r.samples) > 2*memory {
			r.samples = append(r.samples[:0], r.samples[len(r.samples)-memory:]...)
		}
		r.arrived = time.Now()
		r.mu.Unlock()
	}
}

// last is the newest d of the recording, or less when there is less.
func (r *recorder) last(d time.Duration) Clip {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := min(len(r.samples), int(d*rate/time.Second))
	return append(Clip(nil), r.samples[len(r.samples)-n:]...)
}

// since is what was recorded after that moment.
func (r *recorder) since(when time.Time) Clip { return r.last(time.Since(when)) }

// quietSince is when the last sound was recorded, and whether there was any in the last minute.
func (r *recorder) quietSince() (time.Time, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	const piece = rate / 100
	for end := len(r.samples); end >= piece; end -= piece {
		if r.samples[end-piece:end].Level() >= audible/2 {
			return r.arrived.Add(-time.Duration(len(r.samples)-end) * time.Second / rate), true
		}
	}
	return time.Time{}, false
}
