package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stepwell/stepwell/schemas/flow"
)

// episode is one command that was decided, on the case as it stood.
type episode struct {
	before Case
	d      Decision
}

// history is what a caller of the engine keeps as the log.
type history []episode

// before is the record before its last decision, as undoing that needs it.
func (h history) before(last *Last) *Case {
	if last == nil {
		return nil
	}
	for _, e := range h {
		if n := len(e.d.Events); n > 0 && e.d.Events[0].Seq <= last.Seq && last.Seq <= e.d.Events[n-1].Seq {
			return &e.before
		}
	}
	return nil
}

// sayMore puts the members of an event that concern approvals in words.
func sayMore(ev *Event) []string {
	var words []string
	add := func(name, value string) {
		if value != "" {
			words = append(words, name+value)
		}
	}
	list := func(name string, users []string) { add(name, strings.Join(users, ",")) }
	add("for ", ev.For)
	if ev.Kind == TaskClosed {
		list("after ", ev.Users)
	} else {
		list("new ", ev.Users)
	}
	if p := ev.Roster; p != nil {
		add("from ", p.From)
		add("where ", string(p.Where))
		list("turn ", p.Turn)
		add("stand-ins ", sayStands(p.Stands))
		add("added ", sayAdded(p.Added))
		list("approved already by ", p.Approved)
	}
	if ev.Detour != nil {
		add("straight back to ", ev.Detour.Block)
	}
	add("caused by ", string(ev.Cause))
	for _, o := range ev.Origins {
		if o.Of != "" || o.Cause != "" || o.Role != "" || o.Position != "" {
			words = append(words, sayOrigin(o))
		}
	}
	if ev.Signature != nil {
		add("signed ", ev.Signature.ID)
	}
	for _, f := range ev.Files {
		add("file ", f.ID)
	}
	if ev.Restored != nil {
		add("", fmt.Sprintf("restored to %d with %d timers", ev.Restored.Seq, len(ev.Timers)))
	}
	return words
}

func sayOrigin(o Origin) string {
	words := []string{o.User + " as", string(o.Type)}
	if o.Level > 0 {
		words = append(words, fmt.Sprint(o.Level))
	}
	for _, w := range []string{o.Role, o.Position} {
		if w != "" {
			words = append(words, w)
		}
	}
	if o.Of != "" {
		words = append(words, "of "+o.Of)
	}
	if o.Cause != "" {
		words = append(words, "because of "+string(o.Cause))
	}
	return "(" + strings.Join(words, " ") + ")"
}

func sayStands(stands []Stand) string {
	out := make([]string, len(stands))
	for i, s := range stands {
		out[i] = s.By + " for " + s.For
	}
	return strings.Join(out, ", ")
}

func sayAdded(list []Added) string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.User + " to " + a.To
	}
	return strings.Join(out, ", ")
}

// sayParts says what stands of a task besides who has approved.
func sayParts(t *Task) string {
	var b strings.Builder
	for _, part := range []struct{ name, value string }{
		{"refused by", strings.Join(t.Rejected, ",")}, {"abstained", strings.Join(t.Abstained, ",")}, {"turn of", strings.Join(t.Turn, ",")},
		{"stand-ins", sayStands(t.Stands)}, {"added", sayAdded(t.Added)},
	} {
		if part.value != "" {
			b.WriteString(" " + part.name + " " + part.value)
		}
	}
	return b.String()
}

// sayActions lists what somebody can do, one line for the record and one for each task.
func sayActions(p Possible) []string {
	line := "record:"
	for _, c := range p.Commands {
		line += " " + string(c)
	}
	for _, to := range p.MoveTo {
		line += " →" + to.Block
	}
	if p.Undo != "" {
		line += " undo " + p.Undo
	}
	if len(p.Urge) > 0 {
		line += " urge " + strings.Join(p.Urge, ",")
	}
	out := []string{line}
	for _, t := range p.Tasks {
		words := []string{t.Task + ":"}
		for _, c := range t.Commands {
			words = append(words, string(c))
		}
		for _, to := range t.ReturnTo {
			then := "…"
			if slices.Contains(to.Then, flow.StraightBack) {
				then = "↩"
			}
			words = append(words, then+to.Block)
		}
		words = append(words, "as "+strings.Join(t.Parts, ","))
		for _, where := range t.Signers {
			words = append(words, "+"+string(where))
		}
		if t.Signature != "" {
			words = append(words, "signed")
		}
		if t.Confirm != "" {
			words = append(words, "confirmed")
		}
		out = append(out, strings.Join(words, " "))
	}
	return out
}

// sayRoute puts what is foreseen in words.
func sayRoute(steps []RouteStep) []string {
	out := make([]string, len(steps))
	for i, s := range steps {
		words := []string{string(s.Type), s.Block}
		add := func(there bool, text string) {
			if there {
				words = append(words, text)
			}
		}
		add(s.Way != "", "in "+s.Of+"/"+s.Way)
		add(s.Way == "" && s.Of != "", "in "+s.Of)
		add(s.Open, "open")
		add(s.Mode != "", string(s.Mode))
		add(len(s.People) > 0, "by "+strings.Join(s.People, ","))
		add(len(s.Stands) > 0, "stand-ins "+sayStands(s.Stands))
		add(s.Fallback, "as a fallback")
		add(s.Nobody, "nobody")
		for _, o := range s.Skipped {
			words = append(words, o.User+" skipped: "+string(o.Cause))
		}
		add(s.Passed, "passed")
		add(s.Unsure, "unsure")
		add(len(s.Needs) > 0, "needs "+strings.Join(s.Needs, ","))
		if c := s.Choice; c != nil {
			words = append(words, fmt.Sprintf("picked by %s from %v (%d–%d): %v", c.By, c.From, c.Min, c.Max, c.Picked))
		}
		add(s.Outcome != "", s.Outcome)
		out[i] = strings.Join(words, " ")
	}
	return out
}
