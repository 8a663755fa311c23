package engine

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/url"
	"strconv"
	"strings"

	"github.com/stepwell/stepwell/internal/expr"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/id"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/problem"
)

// create asks for a record of another form. Its id follows from this record and the event, so that asking twice makes one.
func (r *run) create(b *block) (step, error) {
	data, err := r.evaluate(b, b.set)
	if err != nil {
		return step{}, err
	}
	maps.DeleteFunc(data, func(_ string, v any) bool { return v == nil })
	in := r.in
	child := id.Derive(r.env.Now, r.c.ID, r.key(b.ID))
	r.hold(b, Event{Record: child, Asks: true})
	frame := r.in
	r.in = in
	r.ask(Effect{Block: b.ID, Create: &Creation{
		Form: b.Form, Record: child, Data: data, Draft: b.Draft, Await: b.Await, Frame: frame,
	}})
	if b.Link != "" {
		if err := r.change(b.ID, map[string]any{b.Link: child}); err != nil {
			return step{}, err
		}
	}
	return r.await(b, frame)
}

// webhook asks for a call of another system.
func (r *run) webhook(b *block) (step, error) {
	body, err := r.evaluate(b, b.send)
	if err != nil {
		return step{}, err
	}
	c := &Call{Method: cmp.Or(b.Call.Method, "POST"), Secret: b.Call.Secret, Token: b.Call.Token, Await: b.Await}
	c.URL = flow.Fill(b.Call.URL, func(key string) string {
		return strings.ReplaceAll(url.QueryEscape(r.text(key)), "+", "%20") // fits a path and a query
	})
	for name, value := range b.Call.Headers {
		if c.Headers == nil {
			c.Headers = make(map[string]string, len(b.Call.Headers))
		}
		c.Headers[name] = oneLine.Replace(flow.Fill(value, r.text))
	}
	switch {
	case c.Method == "GET" || c.Method == "DELETE":
	case len(b.send) > 0:
		c.Body = body
	default:
		c.Body = map[string]any{"id": r.c.ID, "form": r.c.Form, "title": r.c.Title, "stage": r.c.State.Stage, "block": b.ID, "data": r.c.Data}
	}
	in := r.in
	r.hold(b, Event{Asks: true})
	c.Frame = r.in
	r.in = in
	r.ask(Effect{Block: b.ID, Call: c})
	return r.await(b, c.Frame)
}

// oneLine keeps a value from adding headers.
var oneLine = strings.NewReplacer("\r", " ", "\n", " ")

// await rests until the answer comes, when the block waits for it.
func (r *run) await(b *block, frame string) (step, error) {
	if !b.Await {
		r.in = frame
		r.release("")
		return goOn, nil
	}
	if _, err := r.startWaiting(b, frame); err != nil {
		return step{}, err
	}
	return rest, nil
}

// evaluate computes formulas. One that needs a blank value gives nothing.
func (r *run) evaluate(b *block, set []assignment) (map[string]any, error) {
	out := make(map[string]any, len(set))
	for _, a := range set {
		value, err := a.formula.Eval(r.ruleVars())
		if err != nil && !expr.IsMissing(err) {
			return nil, ruleFault(err, problem.Text{
				"en": b.Name().In("en") + " › " + a.field, "zh-CN": b.Name().In("zh-CN") + " › " + a.field,
			})
		}
		out[a.field] = value
	}
	return out, nil
}

// text is a value of the record inside an address or a header.
func (r *run) text(key string) string {
	switch v := r.c.Data[key].(type) {
	case nil:
		if key == "id" {
			return r.c.ID
		}
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		out, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(out)
	}
}

// ask adds an effect that is no notice.
func (r *run) ask(e Effect) {
	e.Key = strconv.FormatInt(r.c.State.Seq, 10) + "." + strconv.Itoa(len(r.effects))
	e.By = r.cmd.Actor
	r.effects = append(r.effects, e)
}

// answer takes what has come back from the outside. A failure is always told in the log; for the rest, an answer for which
// nothing waits any more causes nothing.
func (r *run) answer() error {
	reply := r.cmd.Reply
	if r.c.State.Status != Running {
		return nil
	}
	if reply == nil {
		return ErrUnknownCommand.With(problem.Params{"value": r.cmd.Kind})
	}
	var b *block
	f := r.c.State.frame(reply.Frame)
	if f != nil {
		b = r.flow.waiting(f)
	}
	if b != nil && b.Type != flow.Create && b.Type != flow.Webhook {
		b = nil // it has asked nothing of the outside
	}
	if reply.Error != "" {
		return r.failed(f, b, reply)
	}
	if b == nil {
		return nil
	}
	set := map[string]any{}
	if b.Type == flow.Webhook {
		var err error
		if set, err = r.fromAnswer(f, b, reply); err != nil {
			wrong := *reply
			wrong.Error = err.Error()
			if known, ok := fault.As(err); ok {
				wrong.Error = known.Message("en")
			}
			return r.failed(f, b, &wrong)
		}
	} else if b.Result != "" {
		set[b.Result] = reply.Outcome
	}
	waited := *f
	r.in = waited.In
	r.emit(Event{Kind: Answered, Block: b.ID, Frame: waited.ID, Outcome: reply.Outcome, Record: waited.Record})
	if err := r.change(b.ID, set); err != nil {
		return err
	}
	return r.goOnFrom(waited, b, "")
}

// fromAnswer computes what a call's answer sets.
func (r *run) fromAnswer(f *Frame, b *block, reply *Reply) (map[string]any, error) {
	r.in = f.In
	vars := r.ruleVars()
	vars[expr.AnswerVar] = map[string]any{"status": float64(reply.Status), "body": reply.Body}
	set, err := r.evaluate(b, b.set)
	delete(vars, expr.AnswerVar)
	return set, err
}

// failed takes the way of a failure. The link to a record that could not be begun is taken back.
func (r *run) failed(f *Frame, b *block, reply *Reply) error {
	asked := b // another version may call it otherwise
	if asked == nil {
		asked = r.flow.byID[reply.Block]
	}
	if asked == nil {
		return nil
	}
	r.emit(Event{Kind: Answered, Block: asked.ID, Frame: reply.Frame, Case: flow.FailedCase, Reason: reply.Error, Record: reply.Record})
	if asked.Link != "" && reply.Record != "" && r.c.Data[asked.Link] == reply.Record {
		if err := r.change(asked.ID, map[string]any{asked.Link: nil}); err != nil {
			return err
		}
	}
	if len(asked.Failed) == 0 {
		r.tell(Effect{Cause: CauseFailed, Block: asked.ID, Reason: reply.Error}, []string{r.owner()})
	}
	if b == nil {
		return nil
	}
	return r.goOnFrom(*f, b, flow.FailedCase)
}
