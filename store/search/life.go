package search

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	segment "github.com/blevesearch/scorch_segment_api/v2"
	"go.etcd.io/bbolt"
	bolt "go.etcd.io/bbolt/errors"
)

// On disk: dir/p-000001, p-000002, … without a gap, each a scorch index. A partition is made as dir/new and renamed when
// its first batch is durable, so that one without a first batch is a damaged one.
const (
	partitionPrefix = "p-"
	makingName      = "new"
	damagedSuffix   = ".damaged"
	oldSuffix       = ".old"
)

// checkedAtOpen is how much of the index, from the newest partition on, Open reads through: the newest always.
const checkedAtOpen = 256 << 20

// lockTimeout is how long another process may take to let go of the index.
const lockTimeout = 300 * time.Millisecond

var (
	errDamaged = errors.New("damaged")        // the index cannot be believed
	errNone    = errors.New("no index there") // yet
)

// open finds what is on disk, or begins anew.
func (x *Index) open() error {
	if x.dir == "" {
		return x.fresh()
	}
	if err := os.MkdirAll(filepath.Dir(x.dir), 0o700); err != nil {
		return fmt.Errorf("open search index: %w", err)
	}
	err := guarded(x.load)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errNone):
		return x.fresh()
	case ofMachine(err):
		return errors.Join(fmt.Errorf("open search index: %w", err), x.shut())
	}
	closing := x.shut()
	x.calm()
	aside := x.dir + damagedSuffix
	x.o.Log.Error("search index is not usable: moved aside, it will be built again", "dir", x.dir, "aside", aside, "error", err, "closing", closing)
	if err := errors.Join(os.RemoveAll(aside), os.Rename(x.dir, aside)); err != nil {
		return fmt.Errorf("move search index aside: %w", err)
	}
	return x.fresh()
}

// ofMachine tells errors that a rebuild would not heal from damage.
func ofMachine(err error) bool {
	for _, e := range []error{ErrLocked, fs.ErrPermission, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EROFS, syscall.EIO} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// load opens the partitions and checks that they belong together.
func (x *Index) load() error {
	names, err := x.names()
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return errNone
	}
	for i, name := range names {
		if name != partitionName(i+1) {
			return fmt.Errorf("%w: %s is not there", errDamaged, partitionName(i+1))
		}
		dir := filepath.Join(x.dir, name)
		var p *partition
		err := readRoot(filepath.Join(dir, "root.bolt"))
		if err == nil {
			p, err = x.openPartition(i+1, dir)
		}
		if errors.Is(err, bolt.ErrTimeout) {
			return ErrLocked
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		x.add(p)
		if err := x.restore(p); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := x.agree(); err != nil {
		return err
	}
	if err := x.check(context.Background(), checkedAtOpen); err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(filepath.Join(x.dir, makingName)), os.RemoveAll(x.dir+oldSuffix))
}

// readRoot reads all of a partition's root file, here where a fault can be caught: a goroutine of Bleve that touched a page
// beyond the end of a short file would end the process.
func readRoot(path string) error {
	st, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: lockTimeout})
	if err != nil {
		return err
	}
	defer db.Close()
	return db.View(func(tx *bbolt.Tx) error {
		if tx.Size() > st.Size() {
			return fmt.Errorf("%w: %s is too short", errDamaged, path)
		}
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error { return readBucket(b) })
	})
}

func readBucket(b *bbolt.Bucket) error {
	var sum byte
	return b.ForEach(func(k, v []byte) error {
		if v == nil {
			if in := b.Bucket(k); in != nil {
				return readBucket(in)
			}
		}
		for _, c := range v {
			sum ^= c
		}
		return nil
	})
}

// names are the partitions on disk in order.
func (x *Index) names() ([]string, error) {
	all, err := os.ReadDir(x.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range all {
		if strings.HasPrefix(e.Name(), partitionPrefix) {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

func partitionName(n int) string { return fmt.Sprintf("%s%06d", partitionPrefix, n) }

// restore reads what a partition knows of itself.
func (x *Index) restore(p *partition) error {
	s, err := p.snapshot()
	if err != nil {
		return err
	}
	defer s.Close()
	get := func(key string) []byte {
		v, _ := s.GetInternal([]byte(key)) // never an error in scorch
		return v
	}
	if got := string(get(keyFormat)); got != format {
		return fmt.Errorf("%w: format %q, want %q", errDamaged, got, format)
	}
	if got := string(get(keyEpoch)); got != x.o.Epoch {
		return fmt.Errorf("%w: it is of the log %q, not of %q", errDamaged, got, x.o.Epoch)
	}
	gen, ok1 := decodeNumber(get(keyGen))
	sp, ok2 := decodeSpan(get(keySpan))
	cursor, ok3 := decodeNumber(get(keyCursor))
	if !ok1 || !ok2 || !ok3 {
		return fmt.Errorf("%w: it does not know its bounds", errDamaged)
	}
	p.gen, p.span = gen, sp
	x.cursor.Store(max(x.cursor.Load(), cursor))
	return nil
}

// agree checks that no partition has fallen back to an older state than the newest one knows of it: Bleve opens an older
// snapshot without an error when it cannot read the newest.
func (x *Index) agree() error {
	s, err := x.active().snapshot()
	if err != nil {
		return err
	}
	defer s.Close()
	for _, p := range x.parts[:len(x.parts)-1] {
		v, _ := s.GetInternal([]byte(keyGenOf + strconv.Itoa(p.number)))
		if want, ok := decodeNumber(v); !ok || p.gen < want {
			return fmt.Errorf("%w: partition %d is at %d, want %d", errDamaged, p.number, p.gen, want)
		}
	}
	return nil
}

// fresh begins an empty index in a directory that is not there or has no partition.
func (x *Index) fresh() error {
	if x.dir != "" {
		if err := errors.Join(os.MkdirAll(x.dir, 0o700), os.RemoveAll(x.dir+oldSuffix)); err != nil {
			return fmt.Errorf("make search index: %w", err)
		}
	}
	x.cursor.Store(0)
	p, err := x.make(context.Background(), 1, nil)
	if errors.Is(err, bolt.ErrTimeout) {
		return ErrLocked
	}
	if err != nil {
		return fmt.Errorf("make search index: %w", err)
	}
	x.add(p)
	return nil
}

// make makes an empty partition that remembers the others.
func (x *Index) make(ctx context.Context, n int, others []*partition) (*partition, error) {
	making, dir := "", ""
	if x.dir != "" {
		making, dir = filepath.Join(x.dir, makingName), filepath.Join(x.dir, partitionName(n))
	}
	p, err := x.openPartition(n, making)
	if err != nil {
		return nil, err
	}
	set := map[string][]byte{keyFormat: []byte(format), keyEpoch: []byte(x.o.Epoch), keyCursor: number(x.cursor.Load())}
	for _, o := range others {
		set[keyGenOf+strconv.Itoa(o.number)] = number(o.gen)
	}
	if err := p.apply(ctx, x, change{set: set}); err != nil {
		return nil, errors.Join(err, p.close())
	}
	if x.dir == "" {
		return p, nil
	}
	gen := p.gen
	if err := errors.Join(p.close(), os.Rename(making, dir), syncDir(x.dir)); err != nil {
		return nil, err
	}
	if p, err = x.openPartition(n, dir); err != nil {
		return nil, err
	}
	p.gen = gen
	return p, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Check reads every file of the index and compares its checksum, which Bleve never does. What it finds makes the index
// suspect; the error says what. It is meant for once a week, and after a machine has been in trouble.
func (x *Index) Check(ctx context.Context) error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.closed {
		return ErrClosed
	}
	err := x.check(ctx, math.MaxInt64)
	if errors.Is(err, errDamaged) {
		x.report(x.trouble.Load(), err)
	}
	return err
}

// check compares the checksums of the newest partition, and of the older ones until budget bytes are read.
func (x *Index) check(ctx context.Context, budget int64) error {
	for i := len(x.parts) - 1; i >= 0; i-- {
		p := x.parts[i]
		s, err := p.snapshot()
		if err != nil {
			return err
		}
		for _, seg := range s.Segments() {
			file, ok := seg.Segment().(segment.PersistedSegment)
			if !ok {
				continue // still in memory
			}
			n, err := checkFile(ctx, file.Path())
			if err != nil {
				return errors.Join(err, s.Close())
			}
			budget -= n
		}
		if err := s.Close(); err != nil {
			return err
		}
		if budget <= 0 {
			return nil
		}
	}
	return nil
}

// checkFile compares the last four bytes of a segment with the sum of the rest.
func checkFile(ctx context.Context, path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	size := st.Size() - 4
	if size < 0 {
		return 0, fmt.Errorf("%w: %s is too short", errDamaged, path)
	}
	sum, buf := crc32.NewIEEE(), make([]byte, 1<<20)
	for left := size; left > 0; {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, err := io.ReadFull(f, buf[:min(left, int64(len(buf)))])
		if err != nil {
			return 0, fmt.Errorf("%w: read %s: %w", errDamaged, path, err)
		}
		sum.Write(buf[:n])
		left -= int64(n)
	}
	var want [4]byte
	if _, err := io.ReadFull(f, want[:]); err != nil {
		return 0, fmt.Errorf("%w: read %s: %w", errDamaged, path, err)
	}
	if binary.BigEndian.Uint32(want[:]) != sum.Sum32() {
		return 0, fmt.Errorf("%w: the checksum of %s is wrong", errDamaged, path)
	}
	return size, nil
}

func (x *Index) removeAside() error {
	if x.dir == "" {
		return nil
	}
	return os.RemoveAll(x.dir + damagedSuffix)
}
