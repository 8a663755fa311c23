package records

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/value"
	"github.com/stepwell/stepwell/runtime/access"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/schemas/problem"
	"github.com/stepwell/stepwell/schemas/role"
)

// Faults of reading lists.
var (
	ErrFilterPath = fault.Define(fault.Invalid, "list.path", "Records cannot be filtered or sorted by {path}.", "不能按 {path} 筛选或排序。")
	ErrCursor     = fault.Define(fault.Invalid, "list.cursor", "The cursor does not belong to this list. Start again from the first page.", "翻页标记与当前列表不符，请从第一页重新加载。")
)

// listed are the members of a record, besides its data, that lists may filter and sort by.
var listed = map[string]bool{
	"_id": true, "title": true, "status": true, "stage": true, "outcome": true, "owner": true, "department": true,
	"overdue": true, "dueAt": true, "createdAt": true, "createdBy": true, "updatedAt": true, "stageEnteredAt": true,
	"participants": true, "suspended": true, "state.flow": true, "state.version": true,
}

// summaryFields are the members that a list needs of a record.
var summaryFields = []string{
	"rev", "app", "form", "title", "owner", "department", "createdAt", "createdBy", "updatedAt", "status", "outcome",
	"stage", "stageEnteredAt", "dueAt", "overdue", "suspended", "data",
}

// Listing is what a person wants to see of a form's records.
type Listing struct {
	App, Form string
	By        string // user id; never empty
	Filter    store.Filter
	Search    string
	Sort      string // path, "-" in front for descending; default "-updatedAt"
	Limit     int
	Cursor    string
	Count     bool
}

// countMost is where counting stops: nobody reads a longer list.
const countMost = 100_000

// List reads one page of the records that the person may see.
func (s *Service) List(ctx context.Context, l Listing) (*Page, error) {
	v, filter, err := s.scope(ctx, l)
	if err != nil {
		return nil, err
	}
	if l.Sort == "" {
		l.Sort = "-updatedAt"
	}
	path, desc := strings.CutPrefix(l.Sort, "-")
	if err := v.allowPath(path); err != nil {
		return nil, err
	}
	docs, next, err := s.page(ctx, l, v, filter, path, desc)
	if err != nil {
		return nil, err
	}
	page, err := v.shown(Names{}).page(ctx, docs)
	if err != nil {
		return nil, err
	}
	page.Next = next
	if l.Count {
		n, err := s.store.Count(ctx, CollectionOf(l.App, l.Form), filter, countMost)
		if err != nil {
			return nil, fmt.Errorf("count %s: %w", l.Form, err)
		}
		page.Total = &n
	}
	return page, nil
}

// scope is what the person sees of the form, and the filter that selects its records under the listing.
func (s *Service) scope(ctx context.Context, l Listing) (*sight, store.Filter, error) {
	f, err := s.FormOf(ctx, l.By, l.App, l.Form)
	if err != nil {
		return nil, nil, err
	}
	rows, ok := s.access.Rows(l.By, l.App, l.Form, role.Read)
	if !ok {
		return nil, nil, access.Forbidden(role.Read)
	}
	v := s.sight(l.By, f)
	if err := v.allowFilter(l.Filter); err != nil {
		return nil, nil, err
	}
	return v, store.And(rows, l.Filter, v.search(l.Search)), nil
}

// allowFilter refuses paths that the person may not look at: a filter on a hidden field would tell what is in it.
func (v *sight) allowFilter(part any) error {
	switch part := part.(type) {
	case map[string]any:
		for key, value := range part {
			if strings.HasPrefix(key, "$") {
				if err := v.allowFilter(value); err != nil {
					return err
				}
				continue
			}
			if err := v.allowPath(key); err != nil {
				return err
			}
		}
	case []any:
		for _, item := range part {
			if err := v.allowFilter(item); err != nil {
				return err
			}
		}
	}
	return nil
}

// allowPath refuses what the person may not filter or sort by. A title holds the fields that it is made of.
func (v *sight) allowPath(path string) error {
	field, isData := strings.CutPrefix(path, "data.")
	if !isData && listed[path] && (path != "title" || v.whole) {
		return nil
	}
	key, _, _ := strings.Cut(field, ".")
	if _, known := v.form.Exec.Field(key); isData && known && v.anywhere().sees(key) {
		return nil
	}
	return ErrFilterPath.With(problem.Params{"path": path})
}

// cursor is the last record of a page: where the next one begins.
type cursor struct {
	Sort  string          `json:"s"`
	Value json.RawMessage `json:"v"`
	ID    string          `json:"i"`
}

// page reads documents after the cursor. Records without the sorted value come first ascending and last descending, in
// both stores' order, so a descending list goes on with them when the others are read.
func (s *Service) page(ctx context.Context, l Listing, v *sight, filter store.Filter, path string, desc bool) ([]store.Doc, string, error) {
	at, err := openCursor(l)
	if err != nil {
		return nil, "", err
	}
	docs := []store.Doc{}
	for _, part := range after(at, path, desc) {
		more, err := s.store.Find(ctx, CollectionOf(l.App, l.Form), store.Query{
			Filter: store.And(filter, part), Sort: []store.SortKey{{Path: path, Desc: desc}}, Limit: l.Limit + 1 - len(docs), Fields: v.listed(),
		})
		if err != nil {
			return nil, "", fmt.Errorf("list %s: %w", l.Form, err)
		}
		if docs = append(docs, more...); len(docs) > l.Limit {
			break
		}
	}
	if len(docs) <= l.Limit {
		return docs, "", nil
	}
	docs = docs[:l.Limit]
	next, err := cursorAt(docs[l.Limit-1], l.Sort, path)
	return docs, next, err
}

// after are the filters, one after the other, that select what follows the cursor.
func after(at *place, path string, desc bool) []store.Filter {
	switch {
	case at == nil:
		return []store.Filter{nil}
	case path == "_id":
		return []store.Filter{{"_id": map[string]any{direction(desc): at.id}}}
	case at.value == nil && desc:
		return []store.Filter{{path: nil, "_id": map[string]any{"$lt": at.id}}}
	case at.value == nil:
		return []store.Filter{{path: nil, "_id": map[string]any{"$gt": at.id}}, {path: map[string]any{"$ne": nil}}}
	}
	rest := store.Filter{
		path: map[string]any{direction(desc) + "e": at.value},
		"$or": []any{
			store.Filter{path: map[string]any{direction(desc): at.value}},
			store.Filter{"_id": map[string]any{direction(desc): at.id}},
		},
	}
	if desc {
		return []store.Filter{rest, {path: nil}}
	}
	return []store.Filter{rest}
}

func direction(desc bool) string {
	if desc {
		return "$lt"
	}
	return "$gt"
}

// place is where a page goes on.
type place struct {
	value any // nil, string, float64 or bool
	id    string
}

func openCursor(l Listing) (*place, error) {
	if l.Cursor == "" {
		return nil, nil //nolint:nilnil // the first page has no cursor
	}
	b, err := base64.RawURLEncoding.DecodeString(l.Cursor)
	if err != nil {
		return nil, ErrCursor.Because(err, nil)
	}
	var c cursor
	if err := json.Unmarshal(b, &c); err != nil || c.Sort != l.Sort {
		return nil, ErrCursor.Because(err, nil)
	}
	at := &place{id: c.ID}
	if len(c.Value) > 0 {
		if err := json.Unmarshal(c.Value, &at.value); err != nil {
			return nil, ErrCursor.Because(err, nil)
		}
	}
	switch at.value.(type) {
	case nil, string, float64, bool:
		return at, nil
	default:
		return nil, ErrCursor.With(nil)
	}
}

func cursorAt(doc store.Doc, sort, path string) (string, error) {
	c := cursor{Sort: sort, Value: json.RawMessage("null")}
	id, err := value.MemberText(doc, "_id")
	if err == nil {
		err = json.Unmarshal(id, &c.ID)
	}
	at := []byte(doc)
	for part := range strings.SplitSeq(path, ".") {
		if err == nil {
			at, err = value.MemberText(at, part)
		}
	}
	if err != nil {
		return "", fmt.Errorf("read record: %w", err)
	}
	if at != nil {
		c.Value = at
	}
	b, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("encode cursor: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// Get reads one record for a person. ErrNotFound also when they may not see it.
func (s *Service) Get(ctx context.Context, by, app, formKey, id string) (*Record, error) {
	if _, err := s.catalog.Form(app, formKey); err != nil {
		return nil, unseen(err)
	}
	rec, err := s.fetch(ctx, app, formKey, id)
	if err != nil {
		return nil, err
	}
	if !s.mayRead(by, rec) {
		return nil, ErrNotFound.With(nil)
	}
	return rec, nil
}

// Actions reads one page of a record's log, newest first.
func (s *Service) Actions(ctx context.Context, rec *Record, limit int, before string) (actions []Action, next string, err error) {
	filter := store.Filter{"record": rec.ID}
	if before != "" {
		var seq int64
		if _, err := fmt.Sscan(before, &seq); err != nil {
			return nil, "", ErrCursor.Because(err, nil)
		}
		filter["seq"] = map[string]any{"$lt": seq}
	}
	docs, err := s.store.Find(ctx, ActionCollection, store.Query{
		Filter: filter, Sort: []store.SortKey{{Path: "seq", Desc: true}}, Limit: limit + 1,
	})
	if err != nil {
		return nil, "", fmt.Errorf("read log of %s: %w", rec.ID, err)
	}
	actions = make([]Action, min(len(docs), limit))
	for i := range actions {
		if err := json.Unmarshal(docs[i], &actions[i]); err != nil {
			return nil, "", fmt.Errorf("read action: %w", err)
		}
	}
	if len(docs) > limit {
		next = strconv.FormatInt(actions[limit-1].Seq, 10)
	}
	return actions, next, nil
}

// NotAllowed reports whether an answer was refused because the person may see none of the form's records.
func NotAllowed(err error) bool {
	return fault.Has(err, access.ErrForbidden) || fault.Has(err, catalog.ErrNoForm)
}
