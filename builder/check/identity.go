package check

import (
	"encoding/json"
	"regexp"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Problems of where a definition is kept.
var (
	ErrOtherKind = problem.Define("check.otherKind", "This is kept as a {want}, but calls itself a {got}.", "此定义存放为 {want}，但内容写的是 {got}，请改成一致。")
	ErrOtherKey  = problem.Define("check.otherKey", "This is kept under the key {want}, but calls itself {got}.", "此定义的标识是“{want}”，但内容写的是“{got}”，请改成一致。")
)

// ErrUnreadable is a document that is so wrong that it could not even be kept as a draft.
var ErrUnreadable = fault.Define(fault.Invalid, "definition.unreadable", "The {kind} {key} cannot be saved: its shape is wrong.", "{kind} {key} 无法保存：内容的结构不正确。")

var keyShape = regexp.MustCompile(`^[a-z][A-Za-z0-9_-]{0,63}$`)

// ErrBadRef is a name under which no definition can be kept.
var ErrBadRef = fault.Define(fault.Invalid, "definition.badRef", "“{name}” cannot name an app or definition. Begin with a small letter, then letters, digits, “_” or “-”, at most 64.", "“{name}”不能作为应用或定义的标识。请以小写英文字母开头，只用英文字母、数字、“_”和“-”，最多 64 个字符。")

// Ref refuses names that cannot be kept: they are parts of ids and of the names of collections.
func Ref(ref definition.Ref) error {
	for _, name := range []string{ref.App, ref.Key} {
		if !keyShape.MatchString(name) {
			return ErrBadRef.With(problem.Params{"name": name})
		}
	}
	if ref.Kind == definition.KindApp && ref.Key != ref.App {
		return ErrBadRef.With(problem.Params{"name": ref.Key})
	}
	return nil
}

// Lenient refuses what could not even be read as a draft: not JSON, a wrong type of member, another kind or key than
// the ref says. Everything else may wait until it is published.
func Lenient(d Document) error {
	if err := Ref(d.Ref); err != nil {
		return err
	}
	problems, err := schemas.Validate(d.Ref.Kind, d.Body, false)
	if err != nil {
		return err
	}
	if len(problems) == 0 {
		head, err := Head(d)
		if err != nil {
			return err
		}
		problems = identity(d.Ref, head)
	}
	if len(problems) > 0 {
		return ErrUnreadable.With(problem.Params{"kind": string(d.Ref.Kind), "key": d.Ref.Key}, problems...)
	}
	return nil
}

// Head reads what every definition begins with.
func Head(d Document) (definition.Head, error) {
	var h definition.Head
	if err := json.Unmarshal(d.Body, &h); err != nil {
		return h, ErrUnreadable.Because(err, problem.Params{"kind": string(d.Ref.Kind), "key": d.Ref.Key})
	}
	return h, nil
}

func identity(ref definition.Ref, h definition.Head) []problem.Problem {
	var out []problem.Problem
	if h.Kind != "" && h.Kind != ref.Kind {
		out = append(out, ErrOtherKind.At("/kind", problem.Params{"want": string(ref.Kind), "got": string(h.Kind)}))
	}
	if h.Key != "" && h.Key != ref.Key {
		out = append(out, ErrOtherKey.At("/key", problem.Params{"want": ref.Key, "got": h.Key}))
	}
	return out
}
