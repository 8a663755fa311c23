package engine

import (
	"strings"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Outcome is a way in which a flow can end, in words.
type Outcome struct {
	Key   string          `json:"key"`
	Label definition.Text `json:"label,omitempty"`
	Tone  string          `json:"tone,omitempty"` // good, bad or neutral
}

// Outcomes are the outcomes that the flow's end blocks name, each once, in the order of the document.
func (f *Flow) Outcomes() []Outcome {
	var out []Outcome
	seen := map[string]bool{}
	for _, b := range f.blocks {
		if b.Type == flow.End && b.sub() == nil && !seen[b.Outcome] {
			seen[b.Outcome] = true
			out = append(out, Outcome{Key: b.Outcome, Label: b.Label, Tone: b.Tone})
		}
	}
	return out
}

// OutcomeLabel is an outcome in words; its key when no end block words it.
func (f *Flow) OutcomeLabel(key string) definition.Text {
	for _, o := range f.Outcomes() {
		if o.Key == key && !o.Label.Empty() {
			return o.Label
		}
	}
	switch key {
	case OutcomeCompleted:
		return definition.Text{"en": "completed", "zh-CN": "已完成"}
	case OutcomeCancelled:
		return definition.Text{"en": "cancelled", "zh-CN": "已取消"}
	case OutcomeRejected:
		return definition.Text{"en": "rejected", "zh-CN": "已拒绝"}
	}
	return problem.Plain(key)
}

// BlockTitle is what a block is called; its id when the flow has no such block.
func (f *Flow) BlockTitle(id string) definition.Text {
	if id == flow.ToApplicant {
		return definition.Text{"en": "the applicant", "zh-CN": "提交人"}
	}
	if b, ok := f.byID[id]; ok {
		return b.Name()
	}
	return problem.Plain(id)
}

// ItemTitle is what an item of a checklist is called; its id when there is no such item.
func (f *Flow) ItemTitle(block, item string) definition.Text {
	if b, ok := f.byID[block]; ok {
		return itemName(b, item)
	}
	return problem.Plain(item)
}

// ReadsLink reports whether some rule of the flow looks through a link field, so that deciding needs the linked record.
func (f *Flow) ReadsLink(field string) bool { return f.links[field] }

func (f *Flow) field(key string) *form.Field {
	for i := range f.fields {
		if f.fields[i].Key == key {
			return &f.fields[i]
		}
	}
	return nil
}

// noteReads remembers what a rule looks at besides the data.
func (f *Flow) noteReads(paths []string) {
	for _, path := range paths {
		root, _, _ := strings.Cut(path, ".")
		f.readsRecord = f.readsRecord || root == expr.RecordVar
		if rest, ok := strings.CutPrefix(path, expr.LinkVar+"."); ok {
			field, _, _ := strings.Cut(rest, ".")
			f.links[field] = true
		}
	}
}
