//go:build e2e

package e2e

import "time"

// Hear waits until the last second of what this browser played is that sound, and returns how long it took.
func (b *Browser) Hear(what Sound, within time.Duration) time.Duration {
	b.t.Helper()
	begin := time.Now()
	if !Eventually(within, func() bool { return what(b.recorder.last(time.Second)) }) {
		b.t.Fatalf("%s: not heard within %v; the last second has level %.4f", b.Name, within, b.recorder.last(time.Second).Level())
	}
	return time.Since(begin)
}

// HearSilence waits until a whole second of what this browser played was silent. It returns how long after that moment the
// last sound was recorded, or 0 when there was none.
func (b *Browser) HearSilence(after time.Time, within time.Duration) time.Duration {
	b.t.Helper()
	b.Hear(func(c Clip) bool { return c.Length() >= time.Second && Silence(c) }, within+time.Second)
	quiet, any := b.recorder.quietSince()
	if !any || quiet.Before(after) {
		return 0
	}
	return quiet.Sub(after)
}

// Recorded is the newest d of what this browser played.
func (b *Browser) Recorded(d time.Duration) Clip { return b.recorder.last(d) }

// WasSilent fails the test when this browser made a sound after that moment.
func (b *Browser) WasSilent(since time.Time) {
	b.t.Helper()
	if c := b.recorder.since(since); !Silence(c) {
		b.t.Errorf("%s's browser was heard: level %.4f over the last %v, want silence", b.Name, c.Level(), c.Length().Round(time.Millisecond))
	}
}
