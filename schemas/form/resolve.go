package form

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Caps that hold when the author sets no limit, and in drafts, so that one field cannot swallow the database.
const (
	maxText     = 1_000
	maxLongText = 100_000
	maxID       = 64
	maxRows     = 1_000
	maxFiles    = 20
	// DefaultMaxBytes is the size a file may have when its field does not say.
	DefaultMaxBytes = 50 << 20
)

// Patterns stand in for formats on which validators differ; each is Portable.
const (
	emailPattern = `^[A-Za-z0-9.!#$%&'*+/=?^_` + "`" + `{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$`
	phonePattern = `^\+?[0-9()][0-9() -]{3,30}(?: ?(?:转|ext\.?|x) ?[0-9]{1,6})?$`
	// Only web addresses: a "javascript:" link in a record would run in the reader's browser.
	urlPattern      = `^[Hh][Tt][Tt][Pp][Ss]?://[^\x00-\x20/?#\\]+(?:[/?#][^\x00-\x20]*)?$`
	dateTimePattern = `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?(?:Z|[+-][0-2][0-9]:[0-5][0-9])$`
)

type object = map[string]any

// resolver builds the standard JSON Schema of a form: what x- keywords mean is written out in standard ones.
type resolver struct {
	// draft leaves out everything but the shape of values, so that what is half done can be kept.
	draft bool
}

// root resolves a whole form. Required members of the top level are left to the caller.
func (r resolver) root(schema json.RawMessage, fields []Field) (object, error) {
	out, err := r.table(schema, fields)
	if err != nil {
		return nil, err
	}
	out["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	delete(out, "required")
	return out, nil
}

// table resolves an object with one member for each field.
func (r resolver) table(schema json.RawMessage, fields []Field) (object, error) {
	out, err := r.standard(schema, "properties")
	if err != nil {
		return nil, err
	}
	properties := object{}
	var required []any
	for i := range fields {
		f := &fields[i]
		if !f.HasValue() {
			continue
		}
		p, err := r.field(f)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", f.Key, err)
		}
		properties[f.Key] = p
		if f.Required && !f.Computed() {
			required = append(required, f.Key)
		}
	}
	out["type"] = "object"
	out["properties"] = properties
	out["additionalProperties"] = false
	if len(required) > 0 && !r.draft {
		out["required"] = required
	}
	return out, nil
}

func (r resolver) field(f *Field) (object, error) {
	out, err := r.standard(f.Schema, "items", "enum")
	if err != nil {
		return nil, err
	}
	out["type"] = f.JSONType()
	if f.Whole {
		out["type"] = "integer"
	}
	fallback := func(keyword string, value any) {
		if _, given := out[keyword]; !given {
			out[keyword] = value
		}
	}
	switch f.Type {
	case Text, AutoNumber:
		fallback("maxLength", maxText)
	case LongText:
		fallback("maxLength", maxLongText)
	case Phone:
		fallback("maxLength", maxText)
		r.pattern(out, phonePattern)
	case Email:
		fallback("maxLength", maxText)
		r.pattern(out, emailPattern)
	case URL:
		fallback("maxLength", 2*maxText)
		r.pattern(out, urlPattern)
	case Number, Percent, Money:
		r.decimals(out, f)
	case SingleChoice:
		fallback("maxLength", maxText)
		r.choices(out, f)
	case MultiChoice:
		item := object{"type": "string", "maxLength": maxText}
		r.choices(item, f)
		out["items"], out["uniqueItems"] = item, true
	case Date:
		out["format"] = "date"
	case DateTime:
		out["format"], out["pattern"] = "date-time", dateTimePattern
	case Person, Department, Link:
		fallback("maxLength", maxID)
	case File:
		r.files(out, f)
	case SubTable:
		fallback("maxItems", maxRows)
		rows, err := r.table(itemsOf(f.Schema), f.Items)
		if err != nil {
			return nil, err
		}
		out["items"] = rows
	case Checklist:
		r.ticks(out, f)
	case YesNo, Formula, Note:
	}
	return out, nil
}

// pattern gives a field the shape that its type implies, unless the author asks for another one.
func (r resolver) pattern(out object, pattern string) {
	if _, given := out["pattern"]; !given && !r.draft {
		out["pattern"] = pattern
	}
}

func (r resolver) decimals(out object, f *Field) {
	if _, given := out["multipleOf"]; given || r.draft {
		return
	}
	places := -1
	switch {
	case f.Decimals != nil:
		places = *f.Decimals
	case f.Type == Money:
		places = 2
	}
	if places >= 0 {
		// As text: 0.01 as a float64 is not one hundredth.
		out["multipleOf"] = json.Number(strconv.FormatFloat(math.Pow10(-places), 'f', places, 64))
	}
}

func (r resolver) choices(out object, f *Field) {
	if r.draft || len(f.Options) == 0 {
		return
	}
	values := make([]any, len(f.Options))
	for i, o := range f.Options {
		values[i] = o.Value
	}
	out["enum"] = values
}

func (r resolver) files(out object, f *Field) {
	rule := FileRule{}
	if f.File != nil {
		rule = *f.File
	}
	if rule.MaxCount <= 0 {
		rule.MaxCount = maxFiles
	}
	out["maxItems"] = rule.MaxCount
	if rule.MinCount > 0 && !r.draft {
		out["minItems"] = rule.MinCount
	}
	out["items"] = object{
		"type":                 "object",
		"required":             []any{"id", "name"},
		"additionalProperties": false,
		"properties": object{
			"id":   object{"type": "string", "minLength": 1, "maxLength": maxID},
			"name": object{"type": "string", "minLength": 1, "maxLength": 255},
			"size": object{"type": "integer", "minimum": 0},
			"type": object{"type": "string", "maxLength": 255},
		},
	}
}

// annotations say nothing about which values are valid.
var annotations = map[string]bool{
	"title": true, "description": true, "default": true, "examples": true, "deprecated": true, "readOnly": true,
	"writeOnly": true, "$comment": true, "$schema": true, "$id": true, "type": true, "format": true, "required": true,
	"additionalProperties": true, "contentEncoding": true, "contentMediaType": true, "contentSchema": true,
}

// formats that are passed on because validators agree on them.
var formats = map[string]bool{"uuid": true, "ipv4": true, "ipv6": true, "time": true}

// standard copies the standard keywords an author wrote, except those named, which the resolver writes itself.
func (r resolver) standard(schema json.RawMessage, except ...string) (object, error) {
	out := object{}
	if r.draft || len(schema) == 0 {
		return out, nil
	}
	dec := json.NewDecoder(bytes.NewReader(schema))
	dec.UseNumber()
	var given object
	if err := dec.Decode(&given); err != nil {
		return nil, err
	}
	for keyword, value := range given {
		if !annotations[keyword] && !strings.HasPrefix(keyword, "x-") {
			out[keyword] = value
		}
	}
	for _, keyword := range except {
		delete(out, keyword)
	}
	if name, _ := given["format"].(string); formats[name] {
		out["format"] = name
	}
	return out, nil
}

func itemsOf(schema json.RawMessage) json.RawMessage {
	var n node
	if json.Unmarshal(schema, &n) != nil {
		return nil
	}
	return n.Items
}
