// Package schemas holds a JSON Schema (2020-12) for every kind of definition and checks documents with it, in two
// strengths: a stored draft may be half done, what is published may not.
package schemas

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"sync"

	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/failure"
)

//go:embed */*.schema.json
var files embed.FS

// Source is the JSON Schema of a kind as it is published to editors. An unknown kind is fs.ErrNotExist.
func Source(kind definition.Kind) ([]byte, error) {
	text, err := fs.ReadFile(files, fmt.Sprintf("%s/%s.schema.json", kind, kind))
	if err != nil {
		return nil, fmt.Errorf("schema of kind %s: %w", kind, err)
	}
	if kind == definition.KindAutomation {
		return withBlocks(text)
	}
	return text, nil
}

// withBlocks gives a schema what that of flows defines: the blocks of an automation are those of a flow.
func withBlocks(text []byte) ([]byte, error) {
	flows, err := Source(definition.KindFlow)
	if err != nil {
		return nil, err
	}
	type defined struct {
		Defs map[string]any `json:"$defs"`
	}
	var own map[string]any
	var lent defined
	if err := json.Unmarshal(text, &own); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(flows, &lent); err != nil {
		return nil, err
	}
	if kept, ok := own["$defs"].(map[string]any); ok {
		maps.Copy(lent.Defs, kept)
	}
	own["$defs"] = lent.Defs
	return json.MarshalIndent(own, "", "  ")
}

// pair is the schema of one kind in its two strengths.
type pair struct {
	strict, lenient *failure.Validator
}

func (p pair) of(strict bool) *failure.Validator {
	if strict {
		return p.strict
	}
	return p.lenient
}

// compiled is filled once, at first use.
var compiled = sync.OnceValues(func() (map[definition.Kind]pair, error) {
	out := make(map[definition.Kind]pair)
	for _, kind := range definition.Kinds() {
		p, err := compile(kind)
		if err != nil {
			return nil, fmt.Errorf("compile schema of kind %s: %w", kind, err)
		}
		out[kind] = p
	}
	return out, nil
})

func compile(kind definition.Kind) (p pair, err error) {
	text, err := Source(kind)
	if err != nil {
		return p, err
	}
	if p.strict, err = failure.CompileText(text); err != nil {
		return p, err
	}
	var schema any
	if err = json.Unmarshal(text, &schema); err != nil {
		return p, err
	}
	p.lenient, err = failure.Compile(shape(schema))
	return p, err
}

// shape keeps of a schema what decides whether a document can be read at all: the types of its members.
func shape(schema any) any {
	s, ok := schema.(map[string]any)
	if !ok {
		return true
	}
	out := map[string]any{}
	for keyword, value := range s {
		switch keyword {
		case "$schema", "$id", "$ref", "type":
			out[keyword] = value
		case "properties", "$defs":
			members, _ := value.(map[string]any)
			kept := make(map[string]any, len(members))
			for name, member := range members {
				kept[name] = shape(member)
			}
			out[keyword] = kept
		case "items", "additionalProperties":
			out[keyword] = shape(value)
		}
	}
	return out
}
