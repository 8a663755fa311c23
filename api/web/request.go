package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/schemas/problem"
)

// MaxJSON bounds the body of every request that is not an upload, in bytes.
const MaxJSON = 4 << 20

const (
	langKey   = "stepwell.lang"
	digestKey = "stepwell.digest"
)

// SetLang fixes the language of the answer, e.g. to what the signed-in person chose.
func SetLang(c echo.Context, lang string) { c.Set(langKey, lang) }

// Lang is the language to answer in: what Accept-Language prefers of zh-CN and en; zh-CN when it says nothing.
func Lang(c echo.Context) string {
	if lang, ok := c.Get(langKey).(string); ok && lang != "" {
		return lang
	}
	return AcceptLanguage(c.Request().Header.Get("Accept-Language"))
}

// AcceptLanguage picks zh-CN or en by the first tag of the header that is one of them.
func AcceptLanguage(header string) string {
	for tag := range strings.SplitSeq(header, ",") {
		tag, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(tag)), ";")
		switch {
		case strings.HasPrefix(tag, "zh"):
			return "zh-CN"
		case strings.HasPrefix(tag, "en"):
			return "en"
		}
	}
	return "zh-CN"
}

// Read decodes a JSON body into v. Unknown members, wrong types and anything after the document are refused, with
// the place.
func Read(c echo.Context, v any) error {
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, MaxJSON))
	if err != nil {
		return fmt.Errorf("read body: %w", err)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return ErrNotJSON.With(problem.Params{"why": "empty"})
	}
	sum := sha256.Sum256(body)
	c.Set(digestKey, hex.EncodeToString(sum[:16]))
	return Decode(body, v)
}

// Body reads a body of any kind, of at most so many bytes.
func Body(c echo.Context, most int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, most))
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	return body, nil
}

// Digest tells bodies apart: that of what Read has read, empty when there was none.
func Digest(c echo.Context) string {
	digest, _ := c.Get(digestKey).(string)
	return digest
}

// ReadOptional is Read that takes an empty body as "nothing said".
func ReadOptional(c echo.Context, v any) error {
	if c.Request().ContentLength == 0 {
		return nil
	}
	return Read(c, v)
}

// Decode is Read for bytes at hand.
func Decode(body []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return notJSON(err, body)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return ErrNotJSON.With(problem.Params{"why": "more than one document"})
	}
	return nil
}

var (
	wrongType     = problem.Define("http.wrongType", "This must be {want}, not {got}.", "这里应为 {want}，而不是 {got}。")
	unknownMember = problem.Define("http.unknownMember", "{member} is not known here.", "这里没有 {member} 这一项。")
)

// members are the JSON names along a path of Go fields, which begin with a capital where no tag names them.
func members(path string) []string {
	parts := strings.Split(path, ".")
	for i, part := range parts {
		if part != "" {
			parts[i] = strings.ToLower(part[:1]) + part[1:]
		}
	}
	return parts
}

func notJSON(err error, body []byte) error {
	if typ, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return ErrNotJSON.With(problem.Params{"why": typ.Field},
			wrongType.At(problem.Pointer(members(typ.Field)...), problem.Params{"want": typ.Type.Kind().String(), "got": typ.Value}))
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		name = strings.Trim(name, `"`)
		return ErrNotJSON.With(problem.Params{"why": name}, unknownMember.At(problem.Pointer(name), problem.Params{"member": name}))
	}
	if syn, ok := errors.AsType[*json.SyntaxError](err); ok {
		line := 1 + bytes.Count(body[:min(int(syn.Offset), len(body))], []byte("\n"))
		return ErrNotJSON.With(problem.Params{"why": fmt.Sprintf("line %d: %s", line, syn.Error())})
	}
	return ErrNotJSON.With(problem.Params{"why": err.Error()})
}

// IfMatch reads the revision in If-Match; 0 when the header is absent.
func IfMatch(c echo.Context) (int64, error) {
	h := strings.TrimSpace(c.Request().Header.Get("If-Match"))
	if h == "" || h == "*" {
		return 0, nil
	}
	rev, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(h, "W/"), `"`), 10, 64)
	if err != nil || rev < 1 {
		return 0, ErrParameter.With(problem.Params{"name": "If-Match", "why": h})
	}
	return rev, nil
}

// ETag names a revision in the answer.
func ETag(c echo.Context, rev int64) {
	c.Response().Header().Set("ETag", `"`+strconv.FormatInt(rev, 10)+`"`)
}

// Limit reads the page size.
func Limit(c echo.Context) (int, error) { return intParam(c, "limit", 50, 1, 200) }

func intParam(c echo.Context, name string, def, low, high int) (int, error) {
	s := c.QueryParam(name)
	if s == "" {
		return def, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		return 0, ErrParameter.With(problem.Params{"name": name, "why": fmt.Sprintf("%d … %d", low, high)})
	}
	return n, nil
}

// Flag reads a yes/no query parameter.
func Flag(c echo.Context, name string) (bool, error) {
	switch c.QueryParam(name) {
	case "", "false":
		return false, nil
	case "true", "1":
		return true, nil
	}
	return false, ErrParameter.With(problem.Params{"name": name, "why": "true, false"})
}

// JSON answers with a document.
func JSON(c echo.Context, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	return Text(c, status, b)
}

// Text answers with the text of a document. Its length is told, so that it is not sent in pieces.
func Text(c echo.Context, status int, text []byte) error {
	c.Response().Header().Set(echo.HeaderContentLength, strconv.Itoa(len(text)))
	return c.JSONBlob(status, text)
}
