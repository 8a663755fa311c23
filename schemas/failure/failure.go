// Package failure turns what a JSON Schema validation found into plain facts: which keyword did not hold, where, and
// what it asked for. Wording is left to those who know the reader.
package failure

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// Unknown is the keyword of a failure that stands for a member the schema does not know.
const Unknown = "additionalProperties"

// Failure is one keyword that one value does not satisfy.
type Failure struct {
	// Place leads to the value. For "required" and Unknown it leads to the member that is missing or not known.
	Place []string
	// Keyword is the name of the schema keyword, such as "maxLength".
	Keyword string
	// Limit is what the schema gives the keyword, e.g. 20 for maxLength.
	Limit any
	// Value is what was found; nil when it is missing.
	Value any
	// Schema leads to the keyword in the schema.
	Schema []string
	// Mend is what the author of the schema wrote beside the keyword as "x-mend".
	Mend any
}

// Validator is a compiled JSON Schema (2020-12) that answers with failures. It is safe for concurrent use.
type Validator struct {
	schema *jsonschema.Schema
	source any
	accept accepter // nil: the library looks at everything
}

// BadSchemaError says that a document is no JSON Schema: a keyword has a value that it cannot have.
type BadSchemaError struct {
	Place []string // leads to the value in the schema
	Why   string   // in English, for developers
}

func (e *BadSchemaError) Error() string {
	return fmt.Sprintf("/%s: %s", strings.Join(e.Place, "/"), e.Why)
}

// ForeignError says that a schema refers to another document.
type ForeignError struct{ Ref string }

func (e *ForeignError) Error() string {
	return "a schema may only refer to itself, not to " + e.Ref
}

// Compile makes a validator from a schema document as encoding/json decodes it. References must stay inside the document:
// nothing is loaded from files or the network. Formats are asserted.
func Compile(source any) (*Validator, error) {
	text, err := json.Marshal(source)
	if err != nil {
		return nil, fmt.Errorf("write schema: %w", err)
	}
	return CompileText(text)
}

// CompileText is Compile for the JSON text of a schema.
func CompileText(text []byte) (*Validator, error) {
	const location = "stepwell:///schema.json"
	source, err := decode(text)
	if err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	c.AssertFormat = true
	c.LoadURL = func(ref string) (io.ReadCloser, error) {
		return nil, &ForeignError{Ref: ref}
	}
	if err := c.AddResource(location, bytes.NewReader(text)); err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	schema, err := c.Compile(location)
	if err != nil {
		return nil, fmt.Errorf("compile schema: %w", plain(err))
	}
	return &Validator{schema: schema, source: source, accept: accepting(source)}, nil
}

// plain finds the innermost of what the library says about a document that is no schema.
func plain(err error) error {
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return err
	}
	for len(invalid.Causes) > 0 {
		invalid = invalid.Causes[0]
	}
	return &BadSchemaError{Place: tokens(invalid.InstanceLocation), Why: invalid.Message}
}

// Validate checks a value of the types that encoding/json makes. nil means that every keyword holds.
func (v *Validator) Validate(value any) []Failure {
	if v.accept != nil && v.accept(value) {
		return nil
	}
	err := v.schema.Validate(value)
	if err == nil {
		return nil
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		// Only a value that JSON cannot hold, or a schema that refers to itself without end, comes here.
		return []Failure{{Keyword: "type", Value: value}}
	}
	var out []Failure
	v.collect(invalid, value, &out)
	return out
}

// branching keywords are reported as themselves: the failures inside belong to alternatives nobody chose.
var branching = []string{"anyOf", "oneOf", "not", "contains"}

func (v *Validator) collect(e *jsonschema.ValidationError, value any, out *[]Failure) {
	path := tokens(e.AbsoluteKeywordLocation)
	keyword := ""
	if len(path) > 0 {
		keyword = path[len(path)-1]
	}
	if len(e.Causes) > 0 && !slices.Contains(branching, keyword) {
		for _, cause := range e.Causes {
			v.collect(cause, value, out)
		}
		return
	}
	place := tokens(e.InstanceLocation)
	found := at(value, place)
	limit := at(v.source, path)
	beside := at(v.source, path[:max(0, len(path)-1)])
	f := Failure{Place: place, Keyword: keyword, Limit: limit, Value: found, Schema: path}
	if schema, ok := beside.(map[string]any); ok {
		f.Mend = schema["x-mend"]
	}
	switch keyword {
	case "required":
		*out = append(*out, missing(f)...)
	case Unknown:
		*out = append(*out, v.unknown(f)...)
	default:
		if n := len(path); n > 2 && path[n-3] == "dependentRequired" {
			f.Keyword = "required"
			f.Place = append(slices.Clone(place), fmt.Sprint(limit))
			f.Value = nil
		}
		*out = append(*out, f)
	}
}

func missing(f Failure) []Failure {
	object, _ := f.Value.(map[string]any)
	names, _ := f.Limit.([]any)
	var out []Failure
	for _, n := range names {
		name, _ := n.(string)
		if _, there := object[name]; there {
			continue
		}
		m := f
		m.Place = append(slices.Clone(f.Place), name)
		m.Value = nil
		out = append(out, m)
	}
	return out
}

func (v *Validator) unknown(f Failure) []Failure {
	object, _ := f.Value.(map[string]any)
	parent := at(v.source, f.Schema[:len(f.Schema)-1])
	schema, _ := parent.(map[string]any)
	known, _ := schema["properties"].(map[string]any)
	var out []Failure
	for name, value := range object {
		if _, ok := known[name]; ok {
			continue
		}
		u := f
		u.Place = append(slices.Clone(f.Place), name)
		u.Value = value
		out = append(out, u)
	}
	slices.SortFunc(out, func(a, b Failure) int { return strings.Compare(a.Place[len(a.Place)-1], b.Place[len(b.Place)-1]) })
	return out
}

// tokens reads a JSON pointer, or the fragment of a schema location, both percent-encoded.
func tokens(location string) []string {
	if i := strings.IndexByte(location, '#'); i >= 0 {
		location = location[i+1:]
	}
	if location == "" {
		return nil
	}
	parts := strings.Split(strings.TrimPrefix(location, "/"), "/")
	for i, p := range parts {
		if plain, err := url.PathUnescape(p); err == nil {
			p = plain
		}
		parts[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(p)
	}
	return parts
}

// at walks to a place in a decoded JSON value; nil when there is none.
func at(value any, path []string) any {
	for _, token := range path {
		switch v := value.(type) {
		case map[string]any:
			value = v[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

func decode(text []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	err := dec.Decode(&v)
	return v, err
}
