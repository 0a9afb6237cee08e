package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"time"
)

// Key joins parts into a key whose byte order is the order of the parts, first by the first.
//
// A string (of any named type) ends with NUL, so that no key is the prefix of another one's
// string; NUL and 1 inside are escaped. Integers, Seq and times (to the millisecond) are eight
// bytes, big endian, negative ones first. A []byte stands as it is and can only come last.
// Anything else panics: it is a mistake in the program.
func Key(parts ...any) []byte {
	b := make([]byte, 0, 16+16*len(parts))
	for i, part := range parts {
		switch p := part.(type) {
		case string:
			b = appendString(b, p)
		case Seq:
			b = binary.BigEndian.AppendUint64(b, uint64(p))
		case time.Time:
			b = appendInt(b, p.UnixMilli())
		case []byte:
			if i != len(parts)-1 {
				panic("store.Key: bytes before the last part")
			}
			b = append(b, p...)
		default:
			b = appendNamed(b, part)
		}
	}
	return b
}

func appendNamed(b []byte, part any) []byte {
	v := reflect.ValueOf(part)
	switch {
	case v.Kind() == reflect.String:
		return appendString(b, v.String())
	case v.CanInt():
		return appendInt(b, v.Int())
	case v.CanUint():
		return binary.BigEndian.AppendUint64(b, v.Uint())
	}
	panic(fmt.Sprintf("store.Key: part of type %T", part))
}

func appendInt(b []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(n)^1<<63)
}

func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if s[i] <= 1 {
			b = append(b, 1, s[i]+1)
		} else {
			b = append(b, s[i])
		}
	}
	return append(b, 0)
}

var errKey = errors.New("key does not have these parts")

// ParseKey takes a key of Key apart into pointers to the same types: *string, *Seq, *time.Time,
// pointers to named strings and integers, and *[]byte at the end. What remains behind the last
// pointer is no error, so a key can be read as far as is needed.
func ParseKey(key []byte, into ...any) error {
	for _, p := range into {
		if bytes, ok := p.(*[]byte); ok {
			*bytes, key = append([]byte{}, key...), nil
			continue
		}
		v := reflect.ValueOf(p)
		if v.Kind() != reflect.Pointer || v.IsNil() {
			return fmt.Errorf("parse key into %T", p)
		}
		v = v.Elem()
		if v.Kind() == reflect.String {
			s, rest, ok := cutString(key)
			if !ok {
				return errKey
			}
			v.SetString(s)
			key = rest
			continue
		}
		if len(key) < 8 {
			return errKey
		}
		n := binary.BigEndian.Uint64(key)
		key = key[8:]
		t, isTime := p.(*time.Time)
		switch {
		case isTime:
			*t = time.UnixMilli(int64(n ^ 1<<63)).UTC()
		case v.CanInt() && !v.OverflowInt(int64(n^1<<63)):
			v.SetInt(int64(n ^ 1<<63))
		case v.CanUint() && !v.OverflowUint(n):
			v.SetUint(n)
		default:
			return fmt.Errorf("%w: %T", errKey, p)
		}
	}
	return nil
}

// cutString reads one string of a key.
func cutString(key []byte) (s string, rest []byte, ok bool) {
	var b []byte
	for i := 0; i < len(key); i++ {
		switch key[i] {
		case 0:
			return string(b), key[i+1:], true
		case 1:
			if i++; i == len(key) || key[i] < 1 || key[i] > 2 {
				return "", nil, false
			}
			b = append(b, key[i]-1)
		default:
			b = append(b, key[i])
		}
	}
	return "", nil, false
}
