package storetest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"

	"watchroom/store"
)

// A batch is applied as a whole, a later op on a key wins, and one that fails leaves nothing.
func wholeBatch(t *testing.T, kv store.KV) {
	apply(t, kv, put("a", "1", "x"), put("a", "2", "x"), put("b", "1", "y"), store.Op{Bucket: "a", Key: []byte("1"), Delete: true})
	apply(t, kv, store.Op{Bucket: "a", Key: []byte("absent"), Delete: true}, store.Op{Bucket: "never", Key: []byte("absent"), Delete: true})
	err := kv.Apply(t.Context(), store.Batch{Ops: []store.Op{put("a", "3", "z"), put("c", "1", "z"), {Bucket: "a"}}})
	if err == nil {
		t.Error("an empty key was taken")
	}
	if got, want := list(t, kv, "a", store.Range{}), []string{"2=x"}; !slices.Equal(got, want) {
		t.Errorf("a holds %q, want %q", got, want)
	}
	if got := list(t, kv, "c", store.Range{}); got != nil {
		t.Errorf("the failed batch left %q", got)
	}
	if got, want := list(t, kv, "b", store.Range{}), []string{"1=y"}; !slices.Equal(got, want) {
		t.Errorf("b holds %q, want %q", got, want)
	}
}

// A range includes its beginning, not its end, and is walked both ways; a loop may stop.
func ranges(t *testing.T, kv store.KV) {
	apply(t, kv, put("r", "a", "1"), put("r", "b", "2"), put("r", "ba", "3"), put("r", "b\xff\xff", "4"), put("r", "c", "5"), put("s", "0", "no"))
	b := func(s string) []byte { return []byte(s) }
	tests := []struct {
		r    store.Range
		want string
	}{
		{store.Range{}, "12345"},
		{store.Range{Reverse: true}, "54321"},
		{store.Range{From: b("b")}, "2345"},
		{store.Range{From: b("b"), Reverse: true}, "5432"},
		{store.Range{To: b("c")}, "1234"},
		{store.Range{To: b("c"), Reverse: true}, "4321"},
		{store.Range{To: b("bb"), Reverse: true}, "321"},
		{store.Range{From: b("aa"), To: b("bb")}, "23"},
		{store.Range{From: b("c"), To: b("a")}, ""},
		{store.Range{From: b("c"), To: b("a"), Reverse: true}, ""},
		{store.Range{From: b("d")}, ""},
		{store.Range{To: b("a"), Reverse: true}, ""},
		{store.Range{To: b("zz"), Reverse: true}, "54321"},
		{store.Prefix(b("b")), "234"},
		{store.Prefix(b("b\xff")), "4"},
		{store.Prefix(nil), "12345"},
		{store.Prefix(b("\xff")), ""},
	}
	for _, test := range tests {
		got := ""
		for _, line := range list(t, kv, "r", test.r) {
			got += line[len(line)-1:]
		}
		if got != test.want {
			t.Errorf("range %+v gave %q, want %q", test.r, got, test.want)
		}
	}
	err := kv.View(t.Context(), func(r store.Reader) error {
		for k := range r.Scan("r", store.Range{}) {
			if got := r.Get("r", k); got == nil {
				t.Errorf("get %q inside a scan gave nothing", k)
			}
			if string(k) == "b" {
				break
			}
		}
		for range r.Scan("absent", store.Range{}) {
			t.Error("a bucket that was never written has a key")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// A view does not see what is applied while it is open; the next one does.
func standingView(t *testing.T, kv store.KV) {
	apply(t, kv, put("a", "1", "old"), put("a", "3", "old"))
	err := kv.View(t.Context(), func(r store.Reader) error {
		for k, v := range r.Scan("a", store.Range{}) {
			apply(t, kv, put("a", "1", "new"), put("a", "2", "new"), store.Op{Bucket: "a", Key: []byte("3"), Delete: true}, put("fresh", "1", "new"))
			if string(v) != "old" {
				t.Errorf("%s changed to %q inside the view", k, v)
			}
		}
		if got := r.Get("a", []byte("2")); got != nil {
			t.Errorf("a key appeared inside the view: %q", got)
		}
		if got := r.Get("fresh", []byte("1")); got != nil {
			t.Errorf("a bucket appeared inside the view: %q", got)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if got, want := list(t, kv, "a", store.Range{}), []string{"1=new", "2=new"}; !slices.Equal(got, want) {
		t.Errorf("afterwards %q, want %q", got, want)
	}
	if err := kv.View(t.Context(), func(store.Reader) error { return errFull }); !errors.Is(err, errFull) {
		t.Errorf("the view's own error became %v", err)
	}
}

// An empty value is kept and is not an absent one.
func emptyValues(t *testing.T, kv store.KV) {
	apply(t, kv, put("e", "a", ""), store.Op{Bucket: "e", Key: []byte("b")}, put("e", "c", "full"))
	err := kv.View(t.Context(), func(r store.Reader) error {
		for _, key := range []string{"a", "b"} {
			if v := r.Get("e", []byte(key)); v == nil || len(v) != 0 {
				t.Errorf("get %s gave %v, want an empty value", key, v)
			}
		}
		if v := r.Get("e", []byte("absent")); v != nil {
			t.Errorf("an absent key has %v", v)
		}
		n := 0
		for k, v := range r.Scan("e", store.Range{}) {
			if n++; v == nil {
				t.Errorf("scan gave no value for %s", k)
			}
		}
		if n != 3 {
			t.Errorf("scan gave %d keys, want 3", n)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// Twenty thousand keys of many sizes come back whole, in order, from any place, both ways.
func largeScans(t *testing.T, kv store.KV) {
	const n, step = 20_000, 4_000
	key := func(i int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(2*i)) }
	value := func(i int) []byte { return bytes.Repeat([]byte{byte(i)}, i%700) }
	for from := 0; from < n; from += step {
		var ops []store.Op
		for i := from; i < from+step; i++ {
			ops = append(ops, store.Op{Bucket: "large", Key: key(i), Value: value(i)})
		}
		apply(t, kv, ops...)
	}
	err := kv.View(t.Context(), func(r store.Reader) error {
		for _, from := range []int{0, 1, 777, n / 2, n - 1} {
			i := from
			for k, v := range r.Scan("large", store.Range{From: key(from)}) {
				if !bytes.Equal(k, key(i)) || !bytes.Equal(v, value(i)) {
					return fmt.Errorf("from %d: key %x, want %x", from, k, key(i))
				}
				i++
			}
			if i != n {
				t.Errorf("from %d the scan ended at %d", from, i)
			}
			to := key(from)
			to[3]++ // between two keys
			for k, v := range r.Scan("large", store.Range{To: to, Reverse: true}) {
				if i = int(binary.BigEndian.Uint32(k) / 2); i != from || !bytes.Equal(v, value(i)) {
					return fmt.Errorf("back from %d: key %d", from, i)
				}
				from--
			}
			if from != -1 {
				t.Errorf("the way back ended at %d", from)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// A context that has ended neither reads nor writes.
func endedContext(t *testing.T, kv store.KV) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := kv.Apply(ctx, store.Batch{Ops: []store.Op{put("a", "1", "x")}}); !errors.Is(err, context.Canceled) {
		t.Errorf("apply gave %v", err)
	}
	if err := kv.View(ctx, func(store.Reader) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("view gave %v", err)
	}
	if got := list(t, kv, "a", store.Range{}); got != nil {
		t.Errorf("apply left %q", got)
	}
}
