package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
)

// Table keeps values of one type as JSON in a bucket of its own, under a key that is made from
// the value, and the indexes it declares right. It holds no state: declare it once per package.
type Table[T any] struct {
	name    string
	key     func(*T) []byte
	indexes []Index[T]
}

// Index orders the values of a table by other keys. Keys returns what a value stands under: none
// keeps it out, several list it several times. They come from Key, so that none is the beginning of
// another. The bucket is the table's name, a dot, and the index's name.
type Index[T any] struct {
	Name string
	Keys func(*T) [][]byte
}

// NewTable declares a table. Its name is its bucket and must stay as it is for ever.
func NewTable[T any](name string, key func(*T) []byte, indexes ...Index[T]) *Table[T] {
	return &Table[T]{name: name, key: key, indexes: indexes}
}

// Get returns the value under key. One that does not decode fails the transaction.
func (tb *Table[T]) Get(tx *Tx, key []byte) (T, bool) {
	raw := tx.get(tb.name, key)
	if raw == nil {
		var none T
		return none, false
	}
	return tb.decode(tx, key, raw)
}

// Put writes v in the place of the value with the same key.
func (tb *Table[T]) Put(tx *Tx, v T) {
	raw, err := json.Marshal(&v)
	if err != nil {
		tx.Fail(fmt.Errorf("encode %s: %w", tb.name, err))
		return
	}
	key := tb.key(&v)
	if len(tb.indexes) > 0 {
		tb.reindex(tx, key, &v)
	}
	tx.Put(tb.name, key, raw)
}

// Delete removes the value under key; an absent one is no error.
func (tb *Table[T]) Delete(tx *Tx, key []byte) {
	if len(tb.indexes) > 0 {
		tb.reindex(tx, key, nil)
	}
	tx.Delete(tb.name, key)
}

// reindex moves the index entries of the value under key to where v wants them; nil is nowhere.
func (tb *Table[T]) reindex(tx *Tx, key []byte, v *T) {
	old, had := tb.Get(tx, key)
	for _, x := range tb.indexes {
		var was, now [][]byte
		if had {
			was = x.Keys(&old)
		}
		if v != nil {
			now = x.Keys(v)
		}
		for _, k := range was {
			if !holds(now, k) {
				tx.Delete(tb.name+"."+x.Name, entry(k, key))
			}
		}
		for _, k := range now {
			if !holds(was, k) {
				tx.Put(tb.name+"."+x.Name, entry(k, key), key)
			}
		}
	}
}

func holds(keys [][]byte, key []byte) bool {
	return slices.ContainsFunc(keys, func(k []byte) bool { return bytes.Equal(k, key) })
}

func entry(index, key []byte) []byte { return slices.Concat(index, key) }

// Scan yields the values of a range in the order of their keys. The loop may put and delete.
func (tb *Table[T]) Scan(tx *Tx, r Range) iter.Seq[T] {
	return func(yield func(T) bool) {
		for k, raw := range tx.scan(tb.name, r) {
			v, ok := tb.decode(tx, k, raw)
			if !ok || !yield(v) {
				return
			}
		}
	}
}

// By yields values in the order of an index; the range is one of the index's keys. A loop that
// moves a value forward in the index meets it again.
func (tb *Table[T]) By(tx *Tx, index string, r Range) iter.Seq[T] {
	return func(yield func(T) bool) {
		if !slices.ContainsFunc(tb.indexes, func(x Index[T]) bool { return x.Name == index }) {
			tx.Fail(fmt.Errorf("table %s has no index %q", tb.name, index))
			return
		}
		for k, key := range tx.scan(tb.name+"."+index, r) {
			raw := tx.get(tb.name, key)
			if raw == nil {
				tx.Fail(fmt.Errorf("%w: index %s of table %s leads nowhere at %q", ErrCorrupt, index, tb.name, k))
				return
			}
			v, ok := tb.decode(tx, key, raw)
			if !ok || !yield(v) {
				return
			}
		}
	}
}

func (tb *Table[T]) decode(tx *Tx, key, raw []byte) (v T, ok bool) {
	if err := json.Unmarshal(raw, &v); err != nil {
		tx.Fail(fmt.Errorf("decode %s %q: %w", tb.name, key, err))
		return v, false
	}
	return v, true
}
