package store_test

import (
	"bytes"
	"cmp"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"watchroom/store"
)

type (
	name   string
	millis int64
	number uint32
)

// Keys sort as their parts do, part by part, and are taken apart into what they were made of.
func TestKeyOrder(t *testing.T) {
	type parts struct {
		text name
		n    int64
		seq  store.Seq
		at   millis
		rest []byte
	}
	texts := rapid.OneOf(rapid.StringN(0, 4, 8), rapid.StringOf(rapid.SampledFrom([]rune{0, 1, 2, 'a', 0xff})))
	draw := rapid.Custom(func(t *rapid.T) parts {
		return parts{
			name(texts.Draw(t, "text")), rapid.Int64().Draw(t, "n"), store.Seq(rapid.Uint64().Draw(t, "seq")),
			millis(rapid.Int64().Draw(t, "at")), rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(t, "rest"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		if rapid.Bool().Draw(t, "same text") {
			b.text = a.text
		}
		ka, kb := store.Key(a.text, a.n, a.seq, a.at, a.rest), store.Key(b.text, b.n, b.seq, b.at, b.rest)
		want := cmp.Or(cmp.Compare(a.text, b.text), cmp.Compare(a.n, b.n), cmp.Compare(a.seq, b.seq), cmp.Compare(a.at, b.at), bytes.Compare(a.rest, b.rest))
		if got := bytes.Compare(ka, kb); got != want {
			t.Fatalf("keys %x and %x compare as %d, want %d", ka, kb, got, want)
		}
		var back parts
		if err := store.ParseKey(ka, &back.text, &back.n, &back.seq, &back.at, &back.rest); err != nil {
			t.Fatal(err)
		}
		if back.text != a.text || back.n != a.n || back.seq != a.seq || back.at != a.at || !bytes.Equal(back.rest, a.rest) {
			t.Fatalf("got %+v back, want %+v", back, a)
		}
		if inside := bytes.HasPrefix(store.Key(a.text, a.n), store.Key(b.text)); inside != (a.text == b.text) {
			t.Fatalf("key of %q is a prefix of a key of %q: %t", b.text, a.text, inside)
		}
	})
}

// Times keep their order to the millisecond, also before 1970.
func TestKeyTime(t *testing.T) {
	times := []time.Time{time.UnixMilli(math.MinInt32), time.UnixMilli(-1), time.UnixMilli(0), time.UnixMilli(1), time.Date(2026, 3, 1, 0, 0, 0, 0, time.Local)}
	for i, at := range times {
		var back time.Time
		if err := store.ParseKey(store.Key(at), &back); err != nil || !back.Equal(at) {
			t.Errorf("%v came back as %v, %v", at, back, err)
		}
		if i > 0 && bytes.Compare(store.Key(times[i-1]), store.Key(at)) >= 0 {
			t.Errorf("%v does not come before %v", times[i-1], at)
		}
	}
}

// A part that has no order, or bytes before the end, is a mistake of the program and panics.
func TestKeyRefused(t *testing.T) {
	for _, parts := range [][]any{{1.5}, {nil}, {[]byte("a"), "b"}, {struct{}{}}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("key of %v was made", parts)
				}
			}()
			store.Key(parts...)
		}()
	}
}

// Any bytes are taken apart or refused; what was taken apart makes the same beginning again.
func FuzzParseKey(f *testing.F) {
	f.Add(store.Key("room", store.Seq(7), number(3)))
	f.Add([]byte{1})
	f.Add([]byte{1, 3, 0})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, key []byte) {
		var text name
		var seq store.Seq
		var n number
		var at time.Time
		if err := store.ParseKey(key, &text, &seq, &n); err == nil {
			if again := store.Key(text, seq, n); !bytes.HasPrefix(key, again) {
				t.Errorf("%x became %x", key, again)
			}
		}
		_ = store.ParseKey(key, &at, &text)
		if err := store.ParseKey(key, nil); err == nil {
			t.Error("parsed into nothing")
		}
		if err := store.ParseKey(append(key, make([]byte, 8)...), new(float64)); err == nil {
			t.Error("parsed into a float")
		}
	})
}
