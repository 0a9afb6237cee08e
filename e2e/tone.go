//go:build e2e

package e2e

import (
	"math"
	"time"
)

const (
	rate  = 48000     // samples a second, in every recording
	block = rate / 10 // the piece of sound in which a tone is looked for: 100 ms tell tones 20 Hz apart
)

// Clip is recorded sound, as samples between -1 and 1.
type Clip []float64

// Length is how long c sounds.
func (c Clip) Length() time.Duration { return time.Duration(len(c)) * time.Second / rate }

// Level is the loudness of all of c, as a root mean square: 0 is silence.
func (c Clip) Level() float64 {
	if len(c) == 0 {
		return 0
	}
	sum := 0.0
	for _, x := range c {
		sum += x * x
	}
	return math.Sqrt(sum / float64(len(c)))
}

// Band is how loud the tone of that frequency was, as a root mean square, in the tenth of a second where it was loudest.
func (c Clip) Band(hertz float64) float64 {
	loudest := 0.0
	for from := 0; from+block <= len(c); from += block / 2 {
		loudest = max(loudest, goertzel(c[from:from+block], hertz))
	}
	return loudest
}

// goertzel is the root mean square of one frequency in c, under a Hann window.
func goertzel(c Clip, hertz float64) float64 {
	step := 2 * math.Pi * hertz / rate
	k := 2 * math.Cos(step)
	var s1, s2, weights float64
	for i, x := range c {
		w := 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(len(c)))
		s1, s2 = w*x+k*s1-s2, s1
		weights += w
	}
	power := s1*s1 + s2*s2 - k*s1*s2
	return math.Sqrt2 * math.Sqrt(max(power, 0)) / weights
}

// Sound says whether a clip is what one waits for.
type Sound func(Clip) bool

const audible = 0.01 // a level that a person hears in a quiet room; dither and rounding are a hundred times lower

// Tone is heard when each of those frequencies stands out.
func Tone(hertz ...float64) Sound {
	return func(c Clip) bool {
		for _, h := range hertz {
			if c.Band(h) < audible {
				return false
			}
		}
		return true
	}
}

// Anything is any sound at all.
func Anything(c Clip) bool { return c.Level() >= audible }

// Silence is the absence of any.
func Silence(c Clip) bool { return len(c) > 0 && c.Level() < audible/10 }
