package assignment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/access"
	"github.com/stepwell/stepwell/runtime/people"
)

// Collection holds one document of counters for each assignment of an app.
const Collection = "assignments"

// Assigner asks the rules about records that are about to be written, and keeps the counters.
//
// What a decision moves is one document, changed by compare-and-set together with the record on a transactional store, and
// before it on another. There the document remembers for a while which record got whom: a record that was not written
// because the server died gets the same person when the request is repeated, and one that is not written yet counts.
type Assigner struct {
	store  store.Store
	people *people.Service
	access *access.Service
	away   Away
	zone   *time.Location
	turns  locks
}

// New makes an assigner. zone is where a day begins; away may be nil.
func New(s store.Store, p *people.Service, a *access.Service, zone *time.Location, away Away) *Assigner {
	return &Assigner{store: s, people: p, access: a, zone: zone, away: away}
}

// Ask is a record that somebody is to get.
type Ask struct {
	App, Form  string
	Collection string // where the records of the form are
	Record     string // its id
	Rule       *Rule
	Category   string // asks this one only; "": the first whose condition holds
	Subject    Subject
	Now        time.Time
}

// Proposal is a decision that holds once its write is done. Until Close nobody else on this server is decided about by the
// same rule.
type Proposal struct {
	Decision
	// Write changes the counters; nil when none move. It fails with store.ErrConflict when another server copy was faster: then
	// ask again.
	Write *store.Write

	assigner *Assigner
	id       string // of the state
	ticket   *ticket
	unlock   func()
}

// Close lets the next one decide. It may be called again.
func (p *Proposal) Close() {
	if p != nil && p.unlock != nil {
		p.unlock()
		p.unlock = nil
	}
}

// state is the stored document.
type state struct {
	ID       string             `json:"_id"`
	Rev      int64              `json:"rev"`
	Counters map[string]Counter `json:"counters,omitempty"`
	Tickets  []ticket           `json:"tickets,omitempty"`
	Claims   map[string]claims  `json:"claims,omitempty"` // by user
}

// ticket is a decision whose record may not be written yet. On a transactional store there are none.
type ticket struct {
	Record  string       `json:"record"`
	User    string       `json:"user"`
	At      store.Moment `json:"at"`
	Counter string       `json:"counter,omitempty"`
	Claim   bool         `json:"claim,omitempty"`
	Pool    bool         `json:"pool,omitempty"`
	Why     *Explanation `json:"why,omitempty"`
}

// claims are what one person has claimed on a day.
type claims struct {
	Day string `json:"day"`
	N   int    `json:"n"`
}

// How long, and how many, decisions are remembered whose record may not be written yet.
const (
	remembered  = 10 * time.Minute
	mostTickets = 64
)

// Propose finds who is to get a record. The caller closes the proposal when its record is written, or is not to be.
func (a *Assigner) Propose(ctx context.Context, ask Ask) (*Proposal, error) {
	p := &Proposal{assigner: a, id: StateID(ask.App, ask.Rule.Key)}
	unlock, err := a.turns.lock(ctx, p.id)
	if err != nil {
		return nil, err
	}
	p.unlock = unlock
	if err := a.propose(ctx, ask, p); err != nil {
		p.Close()
		return nil, err
	}
	if p.Write == nil {
		p.Close()
	}
	return p, nil
}

func (a *Assigner) propose(ctx context.Context, ask Ask, p *Proposal) error {
	st, err := a.load(ctx, p.id)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(st.Tickets, func(t ticket) bool { return t.Record == ask.Record && !t.Claim && t.Why != nil }); i >= 0 {
		t := st.Tickets[i]
		p.Decision = Decision{Owner: t.User, Pool: t.Pool, Why: *t.Why}
		return nil
	}
	decide := Decide
	if ask.Category != "" {
		decide = func(r *Rule, s Subject, w World, c map[string]Counter) (Decision, error) {
			return Rerun(r, ask.Category, s, w, c)
		}
	}
	if p.Decision, err = decide(ask.Rule, ask.Subject, a.world(ctx, ask, st), st.Counters); err != nil {
		return err
	}
	if p.Counter == "" && !p.Loaded {
		return nil
	}
	if p.Counter != "" {
		st.count(p.Counter, p.Moved)
	}
	p.ticket = &ticket{Record: ask.Record, User: p.Owner, At: store.MomentOf(ask.Now), Counter: p.Counter, Pool: p.Pool, Why: &p.Why}
	return a.keep(p, st, ask.Now)
}

// World is the company at a moment as rules see it, for decisions that are only tried.
func (a *Assigner) World(app, form string, now time.Time, loads func(users []string) (map[string]int, error)) World {
	return &present{directory: a.people.Directory(), access: a.access, away: a.away, app: app, form: form, now: now, loads: loads}
}

func (a *Assigner) world(ctx context.Context, ask Ask, st *state) World {
	return a.World(ask.App, ask.Form, ask.Now, func(users []string) (map[string]int, error) {
		return a.loads(ctx, ask.Collection, users, st.Tickets)
	})
}

// StateID is the id of the counters of an assignment.
func StateID(app, key string) string { return app + "/" + key }

// load reads the counters, and makes the document when it is not there.
func (a *Assigner) load(ctx context.Context, id string) (*state, error) {
	doc, err := a.store.Get(ctx, Collection, id)
	if fault.Has(err, store.ErrNotFound) {
		if doc, err = json.Marshal(state{ID: id}); err != nil {
			return nil, fmt.Errorf("encode counters %s: %w", id, err)
		}
		if err = a.store.Apply(ctx, store.Write{Op: store.OpAdd, Collection: Collection, ID: id, Doc: doc}); err == nil {
			doc, err = a.store.Get(ctx, Collection, id) // another one may have been faster
		}
	}
	if err != nil {
		return nil, fmt.Errorf("load counters %s: %w", id, err)
	}
	var st state
	if err := json.Unmarshal(doc, &st); err != nil {
		return nil, fmt.Errorf("read counters %s: %w", id, err)
	}
	return &st, nil
}

func (st *state) count(counter string, moved Counter) {
	if st.Counters == nil {
		st.Counters = map[string]Counter{}
	}
	st.Counters[counter] = moved
}

// keep makes the write of a changed state.
func (a *Assigner) keep(p *Proposal, st *state, now time.Time) error {
	if a.store.Transactional() {
		st.Tickets = nil
	} else {
		st.Tickets = slices.DeleteFunc(append(st.Tickets, *p.ticket), func(t ticket) bool { return now.Sub(t.At.Time) > remembered })
		st.Tickets = st.Tickets[max(0, len(st.Tickets)-mostTickets):]
	}
	write, err := st.replace()
	p.Write = write
	return err
}

func (st *state) replace() (*store.Write, error) {
	rev := st.Rev
	st.Rev++
	doc, err := json.Marshal(st)
	if err != nil {
		return nil, fmt.Errorf("encode counters %s: %w", st.ID, err)
	}
	return &store.Write{Op: store.OpReplace, Collection: Collection, ID: st.ID, Doc: doc, Rev: rev}, nil
}

// Undo gives back what the proposal's write has taken, because its record was not written. Only a store that is not
// transactional needs it.
func (p *Proposal) Undo(ctx context.Context) error {
	if p == nil || p.ticket == nil || p.Write == nil || p.assigner.store.Transactional() {
		return nil
	}
	const most = 64
	for range most {
		st, err := p.assigner.load(ctx, p.id)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(st.Tickets, func(t ticket) bool { return t.Record == p.ticket.Record && t.Claim == p.ticket.Claim })
		if i < 0 {
			return nil // it was given back already, or is long forgotten
		}
		st.Tickets = slices.Delete(st.Tickets, i, i+1)
		st.giveBack(p.ticket)
		write, err := st.replace()
		if err != nil {
			return err
		}
		if err = p.assigner.store.Apply(ctx, *write); err == nil || !fault.Has(err, store.ErrConflict) {
			return err
		}
	}
	return errors.New("give a turn back: others were always faster")
}

func (st *state) giveBack(t *ticket) {
	if t.Claim {
		if c := st.Claims[t.User]; c.N > 0 {
			c.N--
			st.Claims[t.User] = c
		}
		return
	}
	if t.Counter != "" {
		c := st.Counters[t.Counter]
		c.Owed = append(c.Owed, t.User)
		st.count(t.Counter, c)
	}
}
