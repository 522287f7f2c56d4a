package main

import (
	"encoding/binary"
	"errors"
	"unicode/utf8"
)

// The subset of CBOR of format.md F-1 and F-2: integers, bytes, text, arrays and null, each in its one shortest form.
// An item is an int64, a []byte, a string, an []any or nil.

const (
	maxNumber = 1<<53 - 1
	maxDepth  = 8
)

var errForm = errors.New("not of the form that the format gives")

const (
	majorUnsigned = iota
	majorNegative
	majorBytes
	majorText
	majorArray
)

const null = 0xf6

// decode takes exactly one item.
func decode(b []byte) (any, error) {
	item, rest, err := decodeItem(b, 0)
	if err == nil && len(rest) > 0 {
		return nil, errForm
	}
	return item, err
}

// decodeItem takes the first item and gives what stands behind it.
func decodeItem(b []byte, depth int) (any, []byte, error) {
	if len(b) == 0 {
		return nil, nil, errForm
	}
	if b[0] == null {
		return nil, b[1:], nil
	}
	major := int(b[0] >> 5)
	n, b, err := decodeNumber(b)
	if err != nil {
		return nil, nil, err
	}
	switch major {
	case majorUnsigned:
		return n, b, nil
	case majorNegative:
		if n == maxNumber {
			return nil, nil, errForm
		}
		return -1 - n, b, nil
	case majorBytes, majorText:
		if n > int64(len(b)) {
			return nil, nil, errForm
		}
		if major == majorBytes {
			return b[:n:n], b[n:], nil
		}
		if !utf8.Valid(b[:n]) {
			return nil, nil, errForm
		}
		return string(b[:n]), b[n:], nil
	case majorArray:
		// Each item needs a byte at least, so nothing is made for a length that cannot be.
		if n > int64(len(b)) || depth == maxDepth {
			return nil, nil, errForm
		}
		items := make([]any, 0, min(n, 64))
		for ; n > 0; n-- {
			var item any
			if item, b, err = decodeItem(b, depth+1); err != nil {
				return nil, nil, err
			}
			items = append(items, item)
		}
		return items, b, nil
	}
	return nil, nil, errForm
}

// decodeNumber reads an item's first bytes: a number that must stand in its shortest form.
func decodeNumber(b []byte) (int64, []byte, error) {
	short, b := b[0]&0x1f, b[1:]
	if short < 24 {
		return int64(short), b, nil
	}
	size := 1 << (short - 24)
	if short > 27 || len(b) < size {
		return 0, nil, errForm
	}
	var wide [8]byte
	copy(wide[8-size:], b[:size])
	n := binary.BigEndian.Uint64(wide[:])
	if n > maxNumber || size == 1 && n < 24 || size > 1 && n>>(4*size) == 0 {
		return 0, nil, errForm
	}
	return int64(n), b[size:], nil
}

// encode gives an array of the items.
func encode(items ...any) []byte { return appendItem(nil, items) }

func appendItem(b []byte, item any) []byte {
	switch v := item.(type) {
	case nil:
		return append(b, null)
	case int64:
		if v < 0 {
			return appendNumber(b, majorNegative, uint64(-1-v))
		}
		return appendNumber(b, majorUnsigned, uint64(v))
	case []byte:
		return append(appendNumber(b, majorBytes, uint64(len(v))), v...)
	case string:
		return append(appendNumber(b, majorText, uint64(len(v))), v...)
	case []any:
		b = appendNumber(b, majorArray, uint64(len(v)))
		for _, each := range v {
			b = appendItem(b, each)
		}
		return b
	}
	panic("an item of a type that is not encoded")
}

func appendNumber(b []byte, major byte, n uint64) []byte {
	major <<= 5
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n < 1<<8:
		return append(b, major|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, major|27), n)
}
