// Package errands carries out what flows ask of the outside, and brings the answers back: a record to begin, another system
// to call, the end of a record that somebody waits for.
//
// The records pipeline writes errands as projections of the engine's effects, under ids that follow from the record and the
// event. An errand may be begun twice; whoever does it goes by its id.
package errands

import (
	"encoding/json"
	"fmt"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/chain"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/queue"
)

// Collection holds the errands that are not done yet, and those that were given up.
const Collection = "errands"

// Kind is what is to be done.
type Kind string

// The kinds of errand.
const (
	Create Kind = "create" // begin a record
	Call   Kind = "call"   // call another system
	Answer Kind = "answer" // give a record the reply that it waits for
)

// Home is the record that asks, or that is answered.
type Home struct {
	App    string `json:"app"`
	Form   string `json:"form"`
	Record string `json:"record"`
	Run    string `json:"run,omitempty"` // the run of an automation that asks; Form and Record are then what it is about
}

// Errand is one thing to do.
type Errand struct {
	ID   string `json:"_id"`
	Kind Kind   `json:"kind"`
	Home
	Block  string           `json:"block"`
	By     string           `json:"by,omitempty"`    // whose command caused it; "" is the system
	Owner  string           `json:"owner,omitempty"` // create: who the new record belongs to
	Depth  int              `json:"depth,omitempty"` // create: how many records have begun one another up to the new one
	Create *engine.Creation `json:"create,omitempty"`
	Call   *engine.Call     `json:"call,omitempty"`
	Reply  *engine.Reply    `json:"reply,omitempty"` // answer
	Chain  chain.Chain      `json:"chain,omitempty"` // create: the runs of automations that led to it
	queue.Job
}

// Indexes are what the collection needs.
func Indexes() []store.Index { return queue.Indexes() }

// Asker is the record whose flow asks.
type Asker struct {
	Home
	Owner string
	Depth int // how many records have begun one another up to this one; 0 for one that a person began
	Chain chain.Chain
}

// Write is what an effect that is no notice means. It may be repeated.
func Write(from Asker, e engine.Effect, at store.Moment) (store.Write, error) {
	errand := Errand{
		ID: from.Record + "-" + e.Key, Home: from.Home, Block: e.Block, By: e.By, Create: e.Create, Call: e.Call, Chain: from.Chain, Job: queue.At(at.Time),
	}
	switch {
	case e.Create != nil:
		errand.Kind, errand.Owner, errand.Depth = Create, from.Owner, from.Depth+1
		if e.By != "" {
			errand.Owner = e.By
		}
	case e.Call != nil:
		errand.Kind = Call
	}
	return errand.write()
}

// Reply is the write that answers a record. id tells this answer from others to it.
func Reply(to Home, id string, reply engine.Reply, at store.Moment) (store.Write, error) {
	errand := Errand{ID: id, Kind: Answer, Home: to, Block: reply.Block, Reply: &reply, Job: queue.At(at.Time)}
	return errand.write()
}

func (e *Errand) write() (store.Write, error) {
	doc, err := json.Marshal(e)
	if err != nil {
		return store.Write{}, fmt.Errorf("encode errand %s: %w", e.ID, err)
	}
	return store.Write{Op: store.OpAdd, Collection: Collection, ID: e.ID, Doc: doc}, nil
}
