package files

import (
	"fmt"
	"mime"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const maxName = 200 // bytes; file systems take 255

// SafeName makes a name that can be shown, put into a header and saved on any system, and keeps its extension: no
// folders, no characters that systems forbid, none that hide or turn text around.
func SafeName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = clean(name)
	if name == "" {
		return "file"
	}
	if len(name) <= maxName {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > 20 {
		ext = ""
	}
	stem := name[:maxName-len(ext)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return strings.TrimRight(stem, " .") + ext
}

// clean replaces or removes the characters that a file name cannot hold.
func clean(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, ""))
	s = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(`/\<>:"|?*`, r):
			return '_'
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		default:
			return r
		}
	}, s)
	return strings.Trim(norm.NFC.String(s), " .") // what stood between a letter and its accent may be gone now
}

// inlineTypes are shown by browsers without running anything.
var inlineTypes = []string{typePDF, "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp", typeText}

// Inline reports whether a file of this type may be shown in the browser; any other is only ever downloaded. It must be
// served under exactly this type with X-Content-Type-Options: nosniff.
func Inline(mimeType string) bool { return slices.Contains(inlineTypes, mimeType) }

// Disposition is the value of the Content-Disposition header: shown in place if that is wanted and safe, else saved
// under the file's name.
func (f File) Disposition(inline bool) string {
	kind := "attachment"
	if inline && Inline(f.Type) {
		kind = "inline"
	}
	return mime.FormatMediaType(kind, map[string]string{"filename": f.Name})
}

// bytesText is a size as people write it.
func bytesText(n int64) string {
	for _, u := range []struct {
		size int64
		name string
	}{{1 << 30, "GB"}, {1 << 20, "MB"}, {1 << 10, "KB"}} {
		if n >= u.size {
			return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/float64(u.size)), ".0") + " " + u.name
		}
	}
	return fmt.Sprintf("%d B", n)
}
