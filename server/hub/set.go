package hub

import (
	"iter"
	"math/bits"
	"slices"
)

// set is an immutable set of people by their index: a list while it is small, else bits. The nil set is empty.
type set struct {
	few   []uint32 // in order, while bits is nil
	bits  []uint64
	count int
}

const fewest = 32

func (s *set) has(n uint32) bool {
	switch {
	case s == nil:
		return false
	case s.bits != nil:
		return int(n>>6) < len(s.bits) && s.bits[n>>6]&(1<<(n&63)) != 0
	}
	_, found := slices.BinarySearch(s.few, n)
	return found
}

func (s *set) size() int {
	if s == nil {
		return 0
	}
	return s.count
}

// with is s and n.
func (s *set) with(n uint32) *set {
	switch {
	case s == nil:
		return &set{few: []uint32{n}, count: 1}
	case s.has(n):
		return s
	case s.bits == nil && len(s.few) < fewest:
		at, _ := slices.BinarySearch(s.few, n)
		return &set{few: slices.Insert(slices.Clone(s.few), at, n), count: s.count + 1}
	}
	top := n
	for _, m := range s.few {
		top = max(top, m)
	}
	b := make([]uint64, max(len(s.bits), int(top>>6)+1))
	copy(b, s.bits)
	for _, m := range s.few {
		b[m>>6] |= 1 << (m & 63)
	}
	b[n>>6] |= 1 << (n & 63)
	return &set{bits: b, count: s.count + 1}
}

// without is s but for n.
func (s *set) without(n uint32) *set {
	switch {
	case !s.has(n):
		return s
	case s.count == 1:
		return nil
	case s.bits == nil:
		at, _ := slices.BinarySearch(s.few, n)
		return &set{few: slices.Delete(slices.Clone(s.few), at, at+1), count: s.count - 1}
	}
	b := slices.Clone(s.bits)
	b[n>>6] &^= 1 << (n & 63)
	return &set{bits: b, count: s.count - 1}
}

// all walks the members in order.
func (s *set) all() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		if s == nil {
			return
		}
		for _, n := range s.few {
			if !yield(n) {
				return
			}
		}
		for i, word := range s.bits {
			for ; word != 0; word &= word - 1 {
				if !yield(uint32(i<<6 + bits.TrailingZeros64(word))) {
					return
				}
			}
		}
	}
}
