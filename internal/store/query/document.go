package query

import (
	"slices"
	"strings"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/value"
	"github.com/stepwell/stepwell/schemas/problem"
)

// ScanDocument checks the text of a document and tells it to s, its id first.
func ScanDocument(collection, id string, doc store.Doc, s value.Sink) error {
	if err := CheckID(id); err != nil {
		return err
	}
	wrong := func(en, zh string) error {
		return store.ErrDocument.With(problem.Params{"collection": collection, "id": id, "why": problem.Text{"en": en, "zh-CN": zh}})
	}
	if len(doc) > store.MaxDocument {
		return wrong("it is larger than 15 MiB", "内容超过 15 MiB")
	}
	text := string(doc)
	if rest, ok := strings.CutPrefix(text, `{"_id":"`); ok && value.Plain(id) { // the usual case: no need to look again
		if rest, ok = strings.CutPrefix(rest, id); ok && strings.HasPrefix(rest, `"`) {
			if err := value.Scan(text, s); err != nil {
				return store.DocumentFault(collection, id, err)
			}
			return nil
		}
	}
	v, err := value.Parse(text)
	if err != nil {
		return store.DocumentFault(collection, id, err)
	}
	i := slices.IndexFunc(v.Members, func(m value.Member) bool { return m.Name == "_id" })
	if i < 0 || v.Members[i].Value.Kind != value.String || v.Members[i].Value.Str != id {
		return wrong(`its "_id" differs`, "内容中的 _id 不一致")
	}
	m := v.Members[i]
	v.Members = slices.Insert(slices.Delete(v.Members, i, i+1), 0, m)
	v.Emit(s)
	return nil
}
