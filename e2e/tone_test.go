//go:build e2e

package e2e_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"watchroom/e2e"
)

// second is one second of the given tones, each with that root mean square.
func second(level float64, hertz ...float64) e2e.Clip {
	c := make(e2e.Clip, 48000)
	for i := range c {
		for _, h := range hertz {
			c[i] += level * math.Sqrt2 * math.Sin(2*math.Pi*h*float64(i)/48000)
		}
	}
	return c
}

// A tone is found where it is and nowhere else, as loud as it is.
func TestToneIsToldApart(t *testing.T) {
	alarm := []float64{523, 660, 880, 1320}
	for _, played := range alarm {
		c := second(0.1, played)
		for _, asked := range alarm {
			got := c.Band(asked)
			if asked == played && math.Abs(got-0.1) > 0.005 {
				t.Errorf("%v Hz at 0.1 measures %.4f", played, got)
			}
			if asked != played && (got > 0.002 || e2e.Tone(asked)(c)) {
				t.Errorf("%v Hz shows as %.4f at %v Hz", played, got, asked)
			}
		}
	}
	both := second(0.1, 880, 1320)
	if !e2e.Tone(880, 1320)(both) || e2e.Tone(880, 660)(both) {
		t.Error("two tones at once are not told apart from another two")
	}
}

// A short beep in a second of silence is heard; silence, dither and noise are not taken for a tone.
func TestToneIsNotImagined(t *testing.T) {
	beep := make(e2e.Clip, 48000)
	copy(beep[20000:], second(0.1, 660)[:9600])
	if !e2e.Tone(660)(beep) {
		t.Errorf("a beep of 200 ms measures %.4f", beep.Band(660))
	}
	silent := make(e2e.Clip, 48000)
	for i := range silent {
		silent[i] = (rand.Float64() - 0.5) / 16384
	}
	if !e2e.Silence(silent) || e2e.Anything(silent) || e2e.Tone(880)(silent) {
		t.Errorf("dither counts as sound: level %.6f", silent.Level())
	}
	noise := make(e2e.Clip, 48000)
	for i := range noise {
		noise[i] = (rand.Float64() - 0.5) / 10
	}
	if e2e.Tone(880)(noise) || !e2e.Anything(noise) {
		t.Errorf("noise at level %.4f measures %.4f at 880 Hz", noise.Level(), noise.Band(880))
	}
	if e2e.Silence(nil) {
		t.Error("no recording at all counts as silence")
	}
}
