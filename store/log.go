package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"time"
)

// Event is one line of the log.
type Event struct {
	Seq   Seq
	Time  time.Time // of the commit, to the millisecond, in UTC
	Kind  string    // "message.posted"
	Room  string    // "" or the room whose members may see it
	To    []string  // further recipients: person IDs, "*" every person who is not a guest, "@admin" admins and owners
	Actor string
	Body  []byte // JSON, encoded once by the caller

	Hash      [16]byte // of the body that was first emitted; survives Rewrite
	Rewritten bool     // the body is not the first one
}

// A record is
//
//	shape 1 | flags 1 | CRC32C 4 | hash 16 | Unix ms 8 | kind, room, actor: length and bytes | n, n recipients | body
//
// with lengths as uvarints. The checksum covers the Seq and everything but itself.
const (
	recordShape   = 1
	flagRewritten = 1
	fixedHeader   = 1 + 1 + 4 + 16 + 8
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func logKey(seq Seq) []byte { return binary.BigEndian.AppendUint64(make([]byte, 0, 8), uint64(seq)) }

func hash(body []byte) [16]byte {
	sum := sha256.Sum256(body)
	return [16]byte(sum[:16])
}

func encode(e Event) []byte {
	size := fixedHeader + len(e.Kind) + len(e.Room) + len(e.Actor) + 16 + len(e.Body)
	for _, to := range e.To {
		size += len(to) + 2
	}
	b := make([]byte, 6, size)
	b[0] = recordShape
	if e.Rewritten {
		b[1] = flagRewritten
	}
	b = append(b, e.Hash[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(e.Time.UnixMilli()))
	for _, s := range []string{e.Kind, e.Room, e.Actor} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	b = binary.AppendUvarint(b, uint64(len(e.To)))
	for _, s := range e.To {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	b = append(b, e.Body...)
	binary.BigEndian.PutUint32(b[2:], checksum(e.Seq, b))
	return b
}

func checksum(seq Seq, record []byte) uint32 {
	var key [8]byte
	binary.BigEndian.PutUint64(key[:], uint64(seq))
	sum := crc32.Update(0, castagnoli, key[:])
	sum = crc32.Update(sum, castagnoli, record[:2])
	return crc32.Update(sum, castagnoli, record[6:])
}

// decode reads a record; the body still lies in it.
func decode(seq Seq, record []byte) (Event, error) {
	bad := func(why string) (Event, error) { return Event{}, fmt.Errorf("%w %d: %s", ErrCorrupt, seq, why) }
	if len(record) < fixedHeader {
		return bad("too short")
	}
	if checksum(seq, record) != binary.BigEndian.Uint32(record[2:]) {
		return bad("wrong checksum")
	}
	if record[0] != recordShape || record[1]&^flagRewritten != 0 {
		return bad(fmt.Sprintf("unknown shape %d, flags %d", record[0], record[1]))
	}
	ms := int64(binary.BigEndian.Uint64(record[22:]))
	e := Event{Seq: seq, Time: time.UnixMilli(ms).UTC(), Hash: [16]byte(record[6:22]), Rewritten: record[1]&flagRewritten != 0}
	rest := record[fixedHeader:]
	ok := true
	text := func() string {
		n, size := binary.Uvarint(rest)
		if !ok || size <= 0 || n > uint64(len(rest)-size) {
			ok = false
			return ""
		}
		s := string(rest[size : size+int(n)])
		rest = rest[size+int(n):]
		return s
	}
	e.Kind, e.Room, e.Actor = text(), text(), text()
	n, size := binary.Uvarint(rest)
	if !ok || size <= 0 || n > uint64(len(rest)-size) {
		return bad("broken header")
	}
	rest = rest[size:]
	for range n {
		if e.To = append(e.To, text()); !ok {
			return bad("broken recipients")
		}
	}
	e.Body = rest[:len(rest):len(rest)]
	return e, nil
}

const (
	chunkEvents = 256
	chunkBytes  = 1 << 20
)

// Events returns up to limit committed events after a Seq, oldest first. It may return fewer
// than there are; none means that there are none.
func (s *Store) Events(ctx context.Context, after Seq, limit int) ([]Event, error) {
	var all []Event
	for len(all) < limit {
		chunk, err := s.chunk(ctx, after, min(limit-len(all), chunkEvents))
		if err != nil || len(chunk) == 0 {
			return all, err
		}
		all = append(all, chunk...)
		after = chunk[len(chunk)-1].Seq
	}
	return all, nil
}

// chunk reads some committed events after a Seq from the file, in one short view.
func (s *Store) chunk(ctx context.Context, after Seq, limit int) ([]Event, error) {
	head := s.Head()
	if after >= head || limit <= 0 {
		return nil, nil
	}
	var events []Event
	size := 0
	err := s.kv.View(ctx, func(r Reader) error {
		for k, v := range r.Scan(LogBucket, Range{From: logKey(after + 1), To: logKey(head + 1)}) {
			e, err := decode(Seq(binary.BigEndian.Uint64(k)), v)
			if err != nil {
				return err
			}
			e.Body = append([]byte{}, e.Body...)
			events = append(events, e)
			if size += len(e.Body); len(events) == limit || size > chunkBytes {
				break
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(events) > 0 && events[0].Seq != after+1 {
		return nil, fmt.Errorf("%w: event %d is missing", ErrCorrupt, after+1)
	}
	if len(events) == 0 {
		return nil, fmt.Errorf("%w: events %d to %d are missing", ErrCorrupt, after+1, head)
	}
	return events, nil
}
