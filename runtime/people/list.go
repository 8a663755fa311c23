package people

import (
	"encoding/base64"
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"github.com/stepwell/stepwell/internal/fault"
)

// ErrCursor refuses a cursor that no page gave.
var ErrCursor = fault.Define(fault.Invalid, "people.cursor", "The cursor is not one that a page gave. Begin again without it.", "分页游标无效，请从第一页重新开始。")

// Query selects users.
type Query struct {
	Text       string   // words that must all occur in name, user name, mail address, phone or position
	NameOnly   bool     // look for Text only in what every colleague may read: name and position
	Department string   // this department and all below it
	IDs        []string // only these
	Active     *bool
	Cursor     string // Page.Next of the page before
	Limit      int    // at least 1
}

// Page is a part of a list of users, by name.
type Page struct {
	Users []*User
	Next  string // "" after the last page
}

// List finds users.
func (d *Directory) List(q Query) (Page, error) {
	list := d.ordered()
	if q.Cursor != "" {
		after, err := decodeCursor(q.Cursor)
		if err != nil {
			return Page{}, err
		}
		at, found := slices.BinarySearchFunc(list, after, func(e entry, key string) int { return strings.Compare(e.sort, key) })
		if found {
			at++
		}
		list = list[at:]
	}
	words := strings.Fields(strings.ToLower(q.Text))
	departments := d.Subtree(q.Department)
	var page Page
	for _, e := range list {
		switch {
		case q.Active != nil && e.user.Active != *q.Active,
			q.Department != "" && !slices.Contains(departments, e.user.Department),
			q.IDs != nil && !slices.Contains(q.IDs, e.user.ID),
			slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(e.looksIn(q.NameOnly), word) }):
			continue
		}
		if len(page.Users) == max(q.Limit, 1) {
			last := page.Users[len(page.Users)-1]
			page.Next = encodeCursor(last)
			break
		}
		page.Users = append(page.Users, e.user)
	}
	return page, nil
}

func (e entry) looksIn(nameOnly bool) string {
	if nameOnly {
		return e.text[:e.open]
	}
	return e.text
}

// A cursor holds the name and not its collation key, so that it survives a new version of the collation tables.
func encodeCursor(last *User) string {
	return base64.RawURLEncoding.EncodeToString([]byte(last.ID + "\n" + last.Name))
}

func decodeCursor(cursor string) (string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	id, name, ok := strings.Cut(string(raw), "\n")
	if err != nil || !ok {
		return "", ErrCursor.Because(err, nil)
	}
	var buffer collate.Buffer
	return sortKey(collate.New(language.Chinese), &buffer, name, id), nil
}
