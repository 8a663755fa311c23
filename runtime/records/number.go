package records

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/files"
	"github.com/stepwell/stepwell/schemas/form"
)

// CounterCollection holds the last number given by each automatic number.
const CounterCollection = "counters"

// nextNumber gives the next automatic number of a field. A number whose record is then refused stays unused: numbers
// never repeat, but may have gaps.
func (s *Service) nextNumber(ctx context.Context, w *work, fd *form.Field) (string, error) {
	rule := form.NumberRule{}
	if fd.Number != nil {
		rule = *fd.Number
	}
	layouts := map[string]string{"yyyy": "2006", "yyyyMM": "200601", "yyyyMMdd": "20060102"}
	date := ""
	if layout, ok := layouts[rule.Date]; ok {
		date = w.now.In(s.zone).Format(layout)
	}
	id := strings.Join([]string{w.App, w.Form, fd.Key, date}, "/")
	doc, err := s.store.FindAndUpdate(ctx, CounterCollection, store.Filter{"_id": id}, nil, store.Update{Inc: map[string]int64{"n": 1}}, true)
	if err != nil {
		return "", fmt.Errorf("next number of %s: %w", fd.Key, err)
	}
	var counter struct {
		N int64 `json:"n"`
	}
	if err := json.Unmarshal(doc, &counter); err != nil {
		return "", fmt.Errorf("read counter %s: %w", id, err)
	}
	digits := rule.Digits
	if digits == 0 {
		digits = 4
	}
	if date != "" {
		date += "-"
	}
	return fmt.Sprintf("%s%s%0*d", rule.Prefix, date, digits, counter.N), nil
}

// NamePart is the value that the names of a file field's files must contain: a field of the record, or, through a link,
// of the linked record in links.
func NamePart(f *catalog.Form, fd *form.Field, data, links map[string]any) files.NamePart {
	if fd.File == nil || fd.File.NameContains == "" {
		return files.NamePart{}
	}
	head, rest, through := strings.Cut(fd.File.NameContains, ".")
	here, ok := f.Exec.Field(head)
	if !ok {
		return files.NamePart{}
	}
	if !through {
		return files.NamePart{Value: text(data[head]), Field: here.Title}
	}
	linked, _ := links[head].(map[string]any)
	part := files.NamePart{Value: text(linked[rest]), Field: here.Title}
	if other := f.App.Form(here.Link.Form); other != nil && len(linked) > 0 {
		if there, ok := other.Exec.Field(rest); ok {
			part.Field = there.Title
		}
	}
	return part
}

func text(v any) string {
	s, ok := v.(string)
	if ok || v == nil {
		return s
	}
	return fmt.Sprint(v)
}
