package jsonb

import "github.com/stepwell/stepwell/internal/store/value"

// JSON is the element's JSON text.
func (r Raw) JSON() ([]byte, error) { return r.AppendJSON(make([]byte, 0, len(r)+len(r)/4+16)) }

// AppendJSON writes the element's JSON text. Numbers stand in the element as value.Writer spells them and most strings as
// they are in JSON, so they are only copied.
func (r Raw) AppendJSON(buf []byte) ([]byte, error) {
	typ, start, end := head(r)
	if end == 0 || end != len(r) {
		return buf, ErrCorrupt
	}
	payload := r[start:end]
	switch typ {
	case typeNull:
		return append(buf, "null"...), nil
	case typeTrue:
		return append(buf, "true"...), nil
	case typeFalse:
		return append(buf, "false"...), nil
	case typeInt, typeFloat:
		return append(buf, payload...), nil
	case typeText, typeRaw:
		return appendText(buf, typ, payload), nil
	case typeArray:
		return appendArray(buf, payload)
	case typeObject:
		return appendObject(buf, payload)
	default:
		return buf, ErrCorrupt
	}
}

// AppendName writes the name of a member of an object, as Members tells it.
func AppendName(buf, name []byte) []byte {
	if value.Plain(name) {
		return append(append(append(buf, '"'), name...), '"', ':')
	}
	return append(value.AppendString(buf, string(name)), ':')
}

func appendText(buf []byte, typ byte, payload []byte) []byte {
	if typ == typeText {
		return append(append(append(buf, '"'), payload...), '"')
	}
	return value.AppendString(buf, string(payload))
}

func appendArray(buf []byte, payload Raw) (_ []byte, err error) {
	buf = append(buf, '[')
	for len(payload) > 0 {
		_, _, end := head(payload)
		if end == 0 {
			return buf, ErrCorrupt
		}
		if buf, err = payload[:end].AppendJSON(buf); err != nil {
			return buf, err
		}
		if payload = payload[end:]; len(payload) > 0 {
			buf = append(buf, ',')
		}
	}
	return append(buf, ']'), nil
}

func appendObject(buf []byte, payload Raw) (_ []byte, err error) {
	buf = append(buf, '{')
	for len(payload) > 0 {
		typ, start, end := head(payload)
		if end == 0 || typ != typeText && typ != typeRaw {
			return buf, ErrCorrupt
		}
		buf = append(appendText(buf, typ, payload[start:end]), ':')
		payload = payload[end:]
		if _, _, end = head(payload); end == 0 {
			return buf, ErrCorrupt
		}
		if buf, err = payload[:end].AppendJSON(buf); err != nil {
			return buf, err
		}
		if payload = payload[end:]; len(payload) > 0 {
			buf = append(buf, ',')
		}
	}
	return append(buf, '}'), nil
}
