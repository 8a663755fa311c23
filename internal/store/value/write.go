package value

import (
	"bytes"
	"math"
	"strconv"
	"unicode/utf8"
)

// Writer is the Sink that writes JSON text: no blanks, and one spelling for every value, so that both engines answer
// with the same bytes.
type Writer struct {
	buf   []byte
	comma bool
}

// NewWriter makes a Writer that appends to buf.
func NewWriter(buf []byte) *Writer { return &Writer{buf: buf} }

// Bytes is the text so far.
func (w *Writer) Bytes() []byte { return w.buf }

func (w *Writer) sep() {
	if w.comma {
		w.buf = append(w.buf, ',')
	}
	w.comma = true
}

// Null writes null.
func (w *Writer) Null() { w.sep(); w.buf = append(w.buf, "null"...) }

// Bool writes true or false.
func (w *Writer) Bool(b bool) { w.sep(); w.buf = strconv.AppendBool(w.buf, b) }

// Int writes an integer.
func (w *Writer) Int(n int64) { w.sep(); w.buf = strconv.AppendInt(w.buf, n, 10) }

// Float writes a floating-point number so that it reads back as one.
func (w *Writer) Float(f float64) { w.sep(); w.buf = AppendFloat(w.buf, f) }

// String writes a string.
func (w *Writer) String(s string) { w.sep(); w.buf = AppendString(w.buf, s) }

// BeginObject opens an object.
func (w *Writer) BeginObject() { w.sep(); w.buf = append(w.buf, '{'); w.comma = false }

// Name writes the name of the next value.
func (w *Writer) Name(s string) {
	w.sep()
	w.buf = append(AppendString(w.buf, s), ':')
	w.comma = false
}

// EndObject closes the object.
func (w *Writer) EndObject() { w.buf = append(w.buf, '}'); w.comma = true }

// BeginArray opens an array.
func (w *Writer) BeginArray() { w.sep(); w.buf = append(w.buf, '['); w.comma = false }

// EndArray closes the array.
func (w *Writer) EndArray() { w.buf = append(w.buf, ']'); w.comma = true }

// JSON is the text of a value.
func (v Value) JSON() []byte {
	w := NewWriter(nil)
	v.Emit(w)
	return w.buf
}

// AppendFloat writes the shortest text that reads back as f and as no integer.
func AppendFloat(buf []byte, f float64) []byte {
	start := len(buf)
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		return strconv.AppendFloat(buf, f, 'e', -1, 64)
	}
	buf = strconv.AppendFloat(buf, f, 'f', -1, 64)
	if bytes.IndexByte(buf[start:], '.') < 0 {
		buf = append(buf, ".0"...)
	}
	return buf
}

const hex = "0123456789abcdef"

// special are the characters that do not stand in JSON strings as they are.
var special = func() (table [256]bool) {
	for c := range ' ' {
		table[c] = true
	}
	table['"'], table['\\'] = true, true
	return table
}()

// Plain reports whether a string stands in JSON as it is.
func Plain[T ~string | ~[]byte](s T) bool {
	for i := range len(s) {
		if special[s[i]] {
			return false
		}
	}
	return true
}

// AppendString writes a string as JSON.
func AppendString(buf []byte, s string) []byte {
	buf = append(buf, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if !special[c] {
			continue
		}
		buf = append(buf, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			buf = append(buf, '\\', c)
		case '\n':
			buf = append(buf, '\\', 'n')
		case '\r':
			buf = append(buf, '\\', 'r')
		case '\t':
			buf = append(buf, '\\', 't')
		default:
			buf = append(buf, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(append(buf, s[start:]...), '"')
}

// valid reports whether s can be stored as text: UTF-8 without NUL.
func valid(s string) bool {
	for i := range len(s) {
		if s[i] == 0 {
			return false
		}
	}
	return utf8.ValidString(s)
}
