package jsonb

import "github.com/stepwell/stepwell/internal/store/value"

// JSON is the element's JSON text.
func (r Raw) JSON() ([]byte, error) { return r.AppendJSON(make([]byte, 0, len(r)+len(r)/4+16)) }

// AppendJSON writes the element's JSON text. Numbers stand in the element as value.Writer spells them and most strings as
// they are in JSON, so they are only copied.
func (r Raw) AppendJSON(buf []byte) ([]byte, error) {
	buf, n := appendElement(buf, r)
	if n == 0 || n != len(r) {
		return buf, ErrCorrupt
	}
	return buf, nil
}

// appendElement writes the first element of b and says how long that is; 0 when it is broken.
func appendElement(buf []byte, b []byte) (_ []byte, n int) {
	typ, start, end := head(b)
	if end == 0 {
		return buf, 0
	}
	payload := b[start:end]
	ok := true
	switch typ {
	case typeText:
		buf = append(append(append(buf, '"'), payload...), '"')
	case typeRaw:
		buf = value.AppendString(buf, string(payload))
	case typeInt, typeFloat:
		buf = append(buf, payload...)
	case typeNull:
		buf = append(buf, "null"...)
	case typeTrue:
		buf = append(buf, "true"...)
	case typeFalse:
		buf = append(buf, "false"...)
	case typeObject:
		buf, ok = appendObject(buf, payload)
	case typeArray:
		buf, ok = appendArray(buf, payload)
	default:
		ok = false
	}
	if !ok {
		return buf, 0
	}
	return buf, end
}

// AppendName writes the name of a member of an object, as Members tells it.
func AppendName(buf, name []byte) []byte {
	if value.Plain(name) {
		return append(append(append(buf, '"'), name...), '"', ':')
	}
	return append(value.AppendString(buf, string(name)), ':')
}

func appendArray(buf []byte, payload []byte) (_ []byte, ok bool) {
	buf = append(buf, '[')
	for n := 0; len(payload) > 0; payload = payload[n:] {
		if buf, n = appendElement(buf, payload); n == 0 {
			return buf, false
		}
		buf = append(buf, ',')
	}
	return closed(buf, ']'), true
}

func appendObject(buf []byte, payload []byte) (_ []byte, ok bool) {
	buf = append(buf, '{')
	for n := 0; len(payload) > 0; payload = payload[n:] {
		if typ := payload[0] & 15; typ != typeText && typ != typeRaw {
			return buf, false
		}
		if buf, n = appendElement(buf, payload); n == 0 || n == len(payload) {
			return buf, false
		}
		payload = payload[n:]
		if buf, n = appendElement(append(buf, ':'), payload); n == 0 {
			return buf, false
		}
		buf = append(buf, ',')
	}
	return closed(buf, '}'), true
}

// closed puts the closing bracket in the place of the last comma, if there is one.
func closed(buf []byte, bracket byte) []byte {
	if last := len(buf) - 1; buf[last] == ',' {
		buf[last] = bracket
		return buf
	}
	return append(buf, bracket)
}
