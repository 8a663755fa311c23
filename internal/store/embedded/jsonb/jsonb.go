// Package jsonb writes and reads SQLite's binary JSON (https://sqlite.org/jsonb.html), so that a document can be looked
// into without being parsed and SQLite's own functions still understand what is in the file.
package jsonb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"github.com/stepwell/stepwell/internal/store/value"
)

// The element types that this package writes.
const (
	typeNull   = 0
	typeTrue   = 1
	typeFalse  = 2
	typeInt    = 3
	typeFloat  = 5
	typeText   = 7  // stands in JSON as it is
	typeRaw    = 10 // must be escaped in JSON
	typeArray  = 11
	typeObject = 12
)

// ErrCorrupt says that bytes are not what this package writes.
var ErrCorrupt = errors.New("broken JSONB")

// Raw is one element: its header and what follows. A nil Raw is a missing value.
type Raw []byte

// Encoder is the value.Sink that writes an element.
type Encoder struct {
	buf   []byte
	opens []int
}

// NewEncoder makes an Encoder that appends to buf.
func NewEncoder(buf []byte) *Encoder { return &Encoder{buf: buf} }

// Raw is what was told.
func (e *Encoder) Raw() Raw { return e.buf }

// Encode is the element of a value.
func Encode(v value.Value) Raw {
	var e Encoder
	v.Emit(&e)
	return e.buf
}

// Null writes null.
func (e *Encoder) Null() { e.buf = append(e.buf, typeNull) }

// Bool writes true or false.
func (e *Encoder) Bool(b bool) {
	if b {
		e.buf = append(e.buf, typeTrue)
	} else {
		e.buf = append(e.buf, typeFalse)
	}
}

// Int writes an integer.
func (e *Encoder) Int(n int64) {
	var digits [20]byte
	e.short(typeInt, strconv.AppendInt(digits[:0], n, 10))
}

// Float writes a floating-point number.
func (e *Encoder) Float(f float64) {
	var digits [32]byte
	e.short(typeFloat, value.AppendFloat(digits[:0], f))
}

func (e *Encoder) short(typ byte, payload []byte) {
	e.buf = append(appendHeader(e.buf, typ, len(payload)), payload...)
}

// String writes a string.
func (e *Encoder) String(s string) {
	typ := byte(typeRaw)
	if value.Plain(s) {
		typ = typeText
	}
	e.buf = append(appendHeader(e.buf, typ, len(s)), s...)
}

// Name writes the name of the next value.
func (e *Encoder) Name(s string) { e.String(s) }

// BeginObject opens an object.
func (e *Encoder) BeginObject() { e.open() }

// EndObject closes the object.
func (e *Encoder) EndObject() { e.close(typeObject) }

// BeginArray opens an array.
func (e *Encoder) BeginArray() { e.open() }

// EndArray closes the array.
func (e *Encoder) EndArray() { e.close(typeArray) }

// guess is the header that an open container reserves: enough for 64 KiB.
const guess = 3

func (e *Encoder) open() {
	e.opens = append(e.opens, len(e.buf))
	e.buf = append(e.buf, 0, 0, 0)
}

// close writes the header now that the size is known, and moves the content if the guess was wrong.
func (e *Encoder) close(typ byte) {
	last := len(e.opens) - 1
	start := e.opens[last]
	e.opens = e.opens[:last]
	size := len(e.buf) - start - guess
	var room [9]byte
	header := appendHeader(room[:0], typ, size)
	for len(header) > guess && len(e.buf) < start+len(header)+size {
		e.buf = append(e.buf, 0)
	}
	copy(e.buf[start+len(header):], e.buf[start+guess:start+guess+size])
	copy(e.buf[start:], header)
	e.buf = e.buf[:start+len(header)+size]
}

func appendHeader(buf []byte, typ byte, size int) []byte {
	switch {
	case size <= 11:
		return append(buf, byte(size<<4)|typ) //nolint:gosec // at most 11<<4
	case size <= 0xff:
		return append(buf, 12<<4|typ, byte(size))
	case size <= 0xffff:
		return binary.BigEndian.AppendUint16(append(buf, 13<<4|typ), uint16(size))
	default:
		return binary.BigEndian.AppendUint32(append(buf, 14<<4|typ), uint32(size)) //nolint:gosec // documents are far smaller
	}
}

// head reads a header: the type, where the payload begins and where it ends; end is 0 when it is broken.
func head[T ~string | ~[]byte](b T) (typ byte, start, end int) {
	if len(b) > 0 && b[0] < 12<<4 { // the usual case, kept short so that it is inlined
		if end = 1 + int(b[0]>>4); end <= len(b) {
			return b[0] & 15, 1, end
		}
	}
	return longHead(b)
}

func longHead[T ~string | ~[]byte](b T) (typ byte, start, end int) {
	if len(b) == 0 || b[0] < 12<<4 {
		return 0, 0, 0
	}
	n := 1 << (b[0]>>4 - 12)
	if n > 4 || len(b) < 1+n {
		return 0, 0, 0
	}
	size := 0
	for i := 1; i <= n; i++ {
		size = size<<8 | int(b[i])
	}
	if start = 1 + n; size > len(b)-start {
		return 0, 0, 0
	}
	return b[0] & 15, start, start + size
}

// Kind is what the element is, Missing for a nil or broken one.
func (r Raw) Kind() value.Kind {
	if len(r) == 0 {
		return value.Missing
	}
	switch r[0] & 15 {
	case typeNull:
		return value.Null
	case typeTrue, typeFalse:
		return value.Bool
	case typeInt:
		return value.Int
	case typeFloat:
		return value.Float
	case typeText, typeRaw:
		return value.String
	case typeObject:
		return value.Object
	case typeArray:
		return value.Array
	default:
		return value.Missing
	}
}

// Payload is what follows the header: the text of a string or number.
func (r Raw) Payload() []byte {
	_, start, end := head(r)
	return r[start:end]
}

// Member finds a member of an object; nil when there is none or r is no object.
func (r Raw) Member(name string) Raw {
	typ, start, end := head(r)
	if typ != typeObject {
		return nil
	}
	for b := r[start:end]; len(b) > 0; {
		_, s, e := head(b)
		if e == 0 {
			return nil
		}
		hit := string(b[s:e]) == name
		b = b[e:]
		_, _, e = head(b)
		if e == 0 {
			return nil
		}
		if hit {
			return b[:e]
		}
		b = b[e:]
	}
	return nil
}

// Items calls fn with each element of an array until fn returns true, and reports whether it did.
func (r Raw) Items(fn func(Raw) bool) bool {
	typ, start, end := head(r)
	if typ != typeArray {
		return false
	}
	for b := r[start:end]; len(b) > 0; {
		_, _, e := head(b)
		if e == 0 {
			return false
		}
		if fn(b[:e]) {
			return true
		}
		b = b[e:]
	}
	return false
}

// Len counts the elements of an array.
func (r Raw) Len() int {
	n := 0
	r.Items(func(Raw) bool { n++; return false })
	return n
}

// Members calls fn with each member of an object.
func (r Raw) Members(fn func(name []byte, v Raw)) {
	typ, start, end := head(r)
	if typ != typeObject {
		return
	}
	for b := r[start:end]; len(b) > 0; {
		_, s, e := head(b)
		if e == 0 {
			return
		}
		name := b[s:e]
		b = b[e:]
		if _, _, e = head(b); e == 0 {
			return
		}
		fn(name, b[:e])
		b = b[e:]
	}
}

// Scalar is the value of anything but an object or array, without its content for those.
func (r Raw) Scalar() value.Value {
	v := value.Value{Kind: r.Kind()}
	switch v.Kind {
	case value.Bool:
		return value.OfBool(r[0]&15 == typeTrue)
	case value.Int:
		v.Int, _ = parseInt(r.Payload()) // written by Encoder: always readable
	case value.Float:
		v.Float, _ = strconv.ParseFloat(string(r.Payload()), 64)
	case value.String:
		v.Str = string(r.Payload())
	}
	return v
}

// Value is the whole value.
func (r Raw) Value() (value.Value, error) {
	if len(r) == 0 {
		return value.Value{}, nil
	}
	var b value.Builder
	if err := r.Emit(&b); err != nil {
		return value.Value{}, err
	}
	return b.Value(), nil
}

// Emit tells the element to a sink.
func (r Raw) Emit(s value.Sink) error {
	text := string(r) // one copy, so that every string told is a part of it
	_, _, end := head(text)
	if end != len(text) {
		return ErrCorrupt
	}
	return emit(text, s)
}

func emit(b string, s value.Sink) error {
	typ, start, end := head(b)
	if end == 0 {
		return ErrCorrupt
	}
	payload := b[start:end]
	switch typ {
	case typeNull:
		s.Null()
	case typeTrue:
		s.Bool(true)
	case typeFalse:
		s.Bool(false)
	case typeInt:
		n, err := parseInt(payload)
		if err != nil {
			return err
		}
		s.Int(n)
	case typeFloat:
		f, err := strconv.ParseFloat(payload, 64)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		s.Float(f)
	case typeText, typeRaw:
		s.String(payload)
	case typeArray:
		s.BeginArray()
		err := each(payload, func(e string) error { return emit(e, s) })
		s.EndArray()
		return err
	case typeObject:
		return emitObject(payload, s)
	default:
		return ErrCorrupt
	}
	return nil
}

func emitObject(payload string, s value.Sink) error {
	s.BeginObject()
	name := true
	err := each(payload, func(e string) error {
		if name {
			_, start, end := head(e)
			s.Name(e[start:end])
			name = false
			return nil
		}
		name = true
		return emit(e, s)
	})
	s.EndObject()
	if err == nil && !name {
		return ErrCorrupt
	}
	return err
}

func each(payload string, fn func(string) error) error {
	for len(payload) > 0 {
		_, _, end := head(payload)
		if end == 0 {
			return ErrCorrupt
		}
		if err := fn(payload[:end]); err != nil {
			return err
		}
		payload = payload[end:]
	}
	return nil
}

func parseInt[T ~string | ~[]byte](b T) (int64, error) {
	n, neg := int64(0), false
	if len(b) == 0 || len(b) > 18 { // close to the limits: let the library decide
		n, err := strconv.ParseInt(string(b), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		return n, nil
	}
	for i, c := range []byte(b) {
		switch {
		case c >= '0' && c <= '9':
			n = n*10 + int64(c-'0')
		case c == '-' && i == 0:
			neg = true
		default:
			return 0, ErrCorrupt
		}
	}
	if neg {
		n = -n
	}
	return n, nil
}

// Container reports whether the element is an object or array.
func (r Raw) Container() bool {
	k := r.Kind()
	return k == value.Object || k == value.Array
}
