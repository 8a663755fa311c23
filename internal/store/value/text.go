package value

import "bytes"

var errText = fail("text", "it is not JSON as a store writes it", "不是存储所写的 JSON 格式")

// Members tells the members of an object's JSON text, each name (without its quotes) and value as they are written, until
// fn returns false. It is for text that a store gave: without blanks, and valid. Anything but an object has no members.
func Members(text []byte, fn func(name, value []byte) (more bool)) error {
	if len(text) < 2 || text[0] != '{' {
		return nil
	}
	for at := 1; text[at] != '}'; {
		end := skip(text, at)
		if text[at] != '"' || end >= len(text) || text[end] != ':' {
			return errText
		}
		name, begin := text[at+1:end-1], end+1
		if end = skip(text, begin); end <= begin || end >= len(text) {
			return errText
		}
		if !fn(name, text[begin:end]) {
			return nil
		}
		if at = end; text[at] == ',' {
			at++
		}
		if at >= len(text) {
			return errText
		}
	}
	return nil
}

// MemberText is the text of one member of an object; nil when there is none.
func MemberText(text []byte, name string) (found []byte, err error) {
	err = Members(text, func(n, v []byte) bool {
		if string(n) == name {
			found = v
		}
		return found == nil
	})
	return found, err
}

// skip finds the end of the value that begins at a place; len(text) when there is none.
func skip(text []byte, at int) int {
	depth := 0
	for at < len(text) {
		switch text[at] {
		case '"':
			at = skipString(text, at)
		case '{', '[':
			depth++
			at++
		case '}', ']':
			depth--
			at++
		case ',', ':':
			at++
		default:
			for at < len(text) && !stops[text[at]] {
				at++
			}
		}
		if depth <= 0 {
			return at
		}
	}
	return len(text)
}

// stops are the characters that end a number or word.
var stops = [256]bool{',': true, '}': true, ']': true, '"': true, ':': true, '{': true, '[': true}

func skipString(text []byte, at int) int {
	for at++; at < len(text); {
		n := bytes.IndexByte(text[at:], '"')
		if n < 0 {
			return len(text)
		}
		quote := at + n
		slashes := 0
		for quote-slashes > at && text[quote-slashes-1] == '\\' {
			slashes++
		}
		if at = quote + 1; slashes%2 == 0 {
			return at
		}
	}
	return len(text)
}
