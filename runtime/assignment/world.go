package assignment

import (
	"time"

	"github.com/stepwell/stepwell/runtime/access"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/schemas/role"
)

// present is the company as it is, at one moment. It implements World.
type present struct {
	directory *people.Directory
	access    *access.Service
	away      Away
	app, form string
	now       time.Time
	loads     func(users []string) (map[string]int, error)
}

// Away reports whether somebody is absent for the records of a form at a moment, and until when, if that is known.
type Away func(user, app, form string, at time.Time) (until time.Time, away bool)

func (p *present) Name(user string) string            { return p.directory.Name(user, "zh-CN") }
func (p *present) Active(user string) bool            { return p.directory.Active(user) }
func (p *present) WithRole(role string) []string      { return p.directory.WithRole(p.app, role) }
func (p *present) Members(department string) []string { return p.directory.Members(department) }

func (p *present) Away(user string) (time.Time, bool) {
	if p.away == nil {
		return time.Time{}, false
	}
	return p.away(user, p.app, p.form, p.now)
}

// MayOwn: whoever may not change a record of their own cannot look after it.
func (p *present) MayOwn(user string) bool {
	own := access.Record{Owner: user, Department: p.directory.DepartmentOf(user)}
	return p.access.AllowsRecord(user, p.app, p.form, role.Update, own)
}

func (p *present) Loads(users []string) (map[string]int, error) { return p.loads(users) }
