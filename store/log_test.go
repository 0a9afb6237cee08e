package store_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"watchroom/store"
	"watchroom/store/memkv"
)

// opened puts raw records into an empty backend and opens a store on it.
func opened(t testing.TB, records ...[]byte) (*store.Store, error) {
	t.Helper()
	kv := memkv.New()
	var b store.Batch
	for i, record := range records {
		b.Ops = append(b.Ops, store.Op{Bucket: store.LogBucket, Key: store.Key(store.Seq(i + 1)), Value: record})
	}
	if err := kv.Apply(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	return store.New(t.Context(), kv, store.Options{})
}

// seal gives a record the checksum that its bytes at this Seq should have.
func seal(seq uint64, record []byte) {
	if len(record) < 6 {
		return
	}
	sum := binary.BigEndian.AppendUint64(nil, seq)
	sum = append(append(sum, record[:2]...), record[6:]...)
	binary.BigEndian.PutUint32(record[2:], crc32.Checksum(sum, crc32.MakeTable(crc32.Castagnoli)))
}

// Any bytes in the place of a record are an event or ErrCorrupt, also when the checksum is right.
func FuzzRecord(f *testing.F) {
	f.Add([]byte{})
	f.Add(make([]byte, 40))
	f.Add(append(append([]byte{1, 1}, make([]byte, 28)...), "\x01k\x01r\x01a\x02\x03bob\x01*{}"...))
	f.Add(append(append([]byte{1, 0}, make([]byte, 28)...), "\x01k\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"...))
	f.Add(append(append([]byte{1, 0}, make([]byte, 28)...), "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"...))
	f.Fuzz(func(t *testing.T, record []byte) {
		for _, sealed := range []bool{false, true} {
			if record = bytes.Clone(record); sealed {
				seal(1, record)
			}
			s, err := opened(t, record)
			if err != nil {
				if !errors.Is(err, store.ErrCorrupt) {
					t.Fatalf("open gave %v", err)
				}
				continue
			}
			events, err := s.Events(t.Context(), 0, 2)
			if err != nil || len(events) != 1 || events[0].Seq != 1 {
				t.Fatalf("a record that opened gave %v, %v", events, err)
			}
		}
	})
}

// An event comes back from the log as it was emitted, whatever its header holds.
func TestRecordRoundTrip(t *testing.T) {
	s := running(t, memkv.New(), store.Options{})
	texts := rapid.StringN(0, 200, 600)
	rapid.Check(t, func(rt *rapid.T) {
		want := store.Event{
			Kind: rapid.StringN(1, 20, 60).Draw(rt, "kind"), Room: texts.Draw(rt, "room"), Actor: texts.Draw(rt, "actor"),
			To: rapid.SliceOfN(texts, 0, 5).Draw(rt, "to"), Body: rapid.SliceOf(rapid.Byte()).Draw(rt, "body"),
		}
		var seq store.Seq
		err := s.Update(t.Context(), func(tx *store.Tx) error {
			seq = tx.Emit(want)
			return nil
		})
		if err != nil {
			rt.Fatal(err)
		}
		events, err := s.Events(t.Context(), seq-1, 1)
		if err != nil || len(events) != 1 {
			rt.Fatalf("%d events, %v", len(events), err)
		}
		got := events[0]
		if got.Seq != seq || got.Kind != want.Kind || got.Room != want.Room || got.Actor != want.Actor || !slices.Equal(got.To, want.To) || !bytes.Equal(got.Body, want.Body) || got.Rewritten {
			rt.Fatalf("got %+v, want %+v", got, want)
		}
		if got.Time.Location() != time.UTC || time.Since(got.Time) > time.Minute {
			rt.Fatalf("event at %v", got.Time)
		}
	})
}
