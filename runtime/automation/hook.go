package automation

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/id"
	"github.com/stepwell/stepwell/internal/signature"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/catalog"
	"github.com/stepwell/stepwell/runtime/engine"
	"github.com/stepwell/stepwell/runtime/records"
	def "github.com/stepwell/stepwell/schemas/automation"
	"github.com/stepwell/stepwell/schemas/problem"
)

// HookCollection holds the secret addresses of automations that other systems call.
const HookCollection = "automationHooks"

// MostBody is how many bytes a call from outside may have.
const MostBody = 256 << 10

// deepest is how deep what is sent may be nested.
const deepest = 32

// Faults of calls from outside.
var (
	ErrNoHook   = fault.Define(fault.NotFound, "hook.notFound", "There is nothing at this address.", "此地址不存在。")
	ErrBody     = fault.Define(fault.Invalid, "hook.body", "What is sent must be a JSON object or list, nested at most 32 deep: {why}.", "发送的内容必须是 JSON 对象或数组，嵌套不超过 32 层：{why}。")
	ErrMany     = fault.Define(fault.Conflict, "hook.many", "Several records match; this call is about none of them in particular.", "有多条记录符合条件，无法确定是哪一条。")
	ErrFlood    = fault.Define(fault.TooMany, "hook.flood", "This address takes {limit} calls a minute. Try again in a minute.", "此地址每分钟最多接收 {limit} 次调用，请一分钟后再试。")
	ErrNotAHook = fault.Define(fault.Conflict, "hook.trigger", "This automation is not set off by calls from outside.", "该自动化不是由外部调用触发的。")
)

// Hook is what may be told of the secret address of an automation.
type Hook struct {
	SetAt store.Moment `json:"setAt"`
	SetBy string       `json:"setBy,omitempty"`
	Hint  string       `json:"hint"` // its last characters
}

type hookDoc struct {
	ID   string `json:"_id"` // app + "/" + key
	Hash string `json:"hash"`
	Hook
}

// NewHook gives an automation a new secret address, in the place of the one it had, and tells the secret once.
func (s *Service) NewHook(ctx context.Context, app, key, by string) (string, error) {
	a, err := s.Catalog.Automation(ctx, app, key, 0)
	if err != nil {
		return "", err
	}
	if a.Trigger.On != def.Webhook {
		return "", ErrNotAHook.With(nil)
	}
	secret := strings.ToLower(rand.Text() + rand.Text())
	doc, err := store.Encode(hookDoc{
		ID: app + "/" + key, Hash: digest(secret),
		Hook: Hook{SetAt: store.MomentOf(s.Clock.Now()), SetBy: by, Hint: secret[len(secret)-4:]},
	})
	if err != nil {
		return "", err
	}
	if err := s.Store.Apply(ctx, store.Write{Op: store.OpPut, Collection: HookCollection, ID: app + "/" + key, Doc: doc}); err != nil {
		return "", fmt.Errorf("set the address of %s: %w", key, err)
	}
	return secret, nil
}

// HookOf tells of the secret address of an automation; nil when it has none.
func (s *Service) HookOf(ctx context.Context, app, key string) (*Hook, error) {
	one, err := s.hook(ctx, app, key)
	if err != nil || one == nil {
		return nil, err
	}
	return &one.Hook, nil
}

func (s *Service) hook(ctx context.Context, app, key string) (*hookDoc, error) {
	one, err := store.Load[hookDoc](ctx, s.Store, HookCollection, app+"/"+key)
	if fault.Has(err, store.ErrNotFound) {
		return nil, nil //nolint:nilnil // it has none
	}
	if err != nil {
		return nil, fmt.Errorf("read the address of %s: %w", key, err)
	}
	return &one, nil
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Incoming is a call from outside.
type Incoming struct {
	App, Key, Secret string // as in its address
	Header           http.Header
	Body             []byte
}

// Receive takes a call from outside. Whoever calls learns nothing but whether it was taken: a wrong secret, an automation
// that there is not and one that is off are all ErrNoHook. With the same Idempotency-Key it is taken once.
func (s *Service) Receive(ctx context.Context, in Incoming) (run string, err error) {
	a, err := s.admit(ctx, in)
	if err != nil {
		return "", err
	}
	body, err := parse(in.Body)
	if err != nil {
		return "", err
	}
	key := in.Header.Get("Idempotency-Key")
	if key == "" {
		key = rand.Text()
	}
	return s.take(ctx, a, body, key)
}

// Mail takes a message that has come about an automation's form: what it holds as a JSON value, and what tells it from others.
func (s *Service) Mail(ctx context.Context, app, key string, message any, messageID string) (run string, err error) {
	a, err := s.Catalog.Automation(ctx, app, key, 0)
	if err != nil {
		return "", err
	}
	if a.Trigger.On != def.Mail || a.Off {
		return "", ErrNotAHook.With(nil)
	}
	return s.take(ctx, a, message, messageID)
}

// admit asks whether a call may set off anything.
func (s *Service) admit(ctx context.Context, in Incoming) (*catalog.Automation, error) {
	known, err := s.hook(ctx, in.App, in.Key)
	if err != nil {
		return nil, err
	}
	given := digest(in.Secret)
	if known == nil {
		known = &hookDoc{Hash: digest("")} // the answer takes as long
	}
	if in.Secret == "" || subtle.ConstantTimeCompare([]byte(given), []byte(known.Hash)) != 1 {
		return nil, ErrNoHook.With(nil)
	}
	a, err := s.Catalog.Automation(ctx, in.App, in.Key, 0)
	if err != nil || a.Off || a.Trigger.On != def.Webhook {
		return nil, ErrNoHook.With(nil) //nolint:nilerr // that there is none is all that a stranger learns
	}
	if paused, err := s.Paused(ctx, in.App, in.Key); err != nil || paused != nil {
		if err != nil {
			return nil, err
		}
		return nil, ErrNoHook.With(nil)
	}
	if !s.flood.admit(in.App+"/"+in.Key, s.Clock.Now()) {
		return nil, ErrFlood.With(problem.Params{"limit": mostCalls})
	}
	if a.Trigger.Secret == "" {
		return a, nil
	}
	shared, err := s.Secrets.Open(ctx, in.App, a.Trigger.Secret)
	if err != nil {
		return nil, fmt.Errorf("secret of the calls to %s: %w", in.Key, err)
	}
	return a, signature.Check(in.Header, shared.Reveal(), s.Clock.Now(), in.Body)
}

// parse reads what was sent.
func parse(body []byte) (any, error) {
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return nil, ErrBody.With(problem.Params{"why": err.Error()})
	}
	switch value.(type) {
	case map[string]any, []any:
	default:
		return nil, ErrBody.With(problem.Params{"why": fmt.Sprintf("%T", value)})
	}
	if depth(value) > deepest {
		return nil, ErrBody.With(problem.Params{"why": "too deep"})
	}
	return value, nil
}

func depth(value any) int {
	most := 0
	switch v := value.(type) {
	case map[string]any:
		for _, inner := range v {
			most = max(most, depth(inner))
		}
	case []any:
		for _, inner := range v {
			most = max(most, depth(inner))
		}
	default:
		return 0
	}
	return most + 1
}

// take finds or makes the record that something from outside is about, and sets the automation off.
func (s *Service) take(ctx context.Context, a *catalog.Automation, body any, key string) (string, error) {
	if a.Broken != nil {
		return "", a.Broken
	}
	runID := "hook-" + digest(a.App.Key + "/" + a.Key + "/" + key)[:32]
	if _, err := s.Store.Get(ctx, RunCollection, runID); err == nil {
		return runID, nil // it was taken before
	} else if !fault.Has(err, store.ErrNotFound) {
		return "", fmt.Errorf("look for run %s: %w", runID, err)
	}
	input := extract(a, body)
	rec, made, err := s.find(ctx, a, input, runID)
	if err != nil || rec == nil {
		return "", err
	}
	run := newRun(a, rec, Cause{On: a.Trigger.On, Made: made, Input: input}, "", store.MomentOf(s.Clock.Now()))
	run.ID = runID
	if err := s.begin(ctx, a, rec, run); err != nil {
		return "", err
	}
	return runID, nil
}

// find saves what came on the record that it is about, or on a new one; nil when there is none and none is to be made.
func (s *Service) find(ctx context.Context, a *catalog.Automation, input map[string]any, runID string) (rec *records.Record, made bool, err error) {
	req := records.Request{App: a.App.Key, Form: a.Form, Via: string(a.Trigger.On), Key: runID + ".in", Command: engine.Command{Kind: engine.Save, Data: input}}
	if len(a.Trigger.Match) > 0 {
		found, err := s.matching(ctx, a, input)
		if err != nil {
			return nil, false, err
		}
		if found != nil {
			req.ID, req.Command.Data = found.ID, given(input)
			rec, err = s.Records.Do(ctx, req)
			return rec, false, err
		}
		if a.Trigger.Missing == def.MissingIgnore {
			return nil, false, nil
		}
	}
	if !a.Trigger.Draft {
		req.Command.Kind = engine.Submit
	}
	// The id follows from the call, so that taking it again after a crash makes no second record.
	req.Key, req.Owner, req.Command.Data = id.Derive(a.PublishedAt, runID), a.PublishedBy, given(input)
	rec, err = s.Records.Do(ctx, req)
	return rec, true, err
}

// given leaves out what did not come.
func given(input map[string]any) map[string]any {
	out := map[string]any{}
	for key, value := range input {
		if value != nil {
			out[key] = value
		}
	}
	return out
}

// matching is the record whose fields are as those that came; nil when there is none, or one of these did not come.
func (s *Service) matching(ctx context.Context, a *catalog.Automation, input map[string]any) (*records.Record, error) {
	filter := store.Filter{}
	for _, key := range a.Trigger.Match {
		switch input[key].(type) {
		case string, float64, bool:
			filter["data."+key] = input[key]
		default:
			return nil, nil //nolint:nilnil // nothing to look for
		}
	}
	docs, err := s.Store.Find(ctx, records.CollectionOf(a.App.Key, a.Form), store.Query{Filter: filter, Limit: 2})
	if err != nil {
		return nil, fmt.Errorf("look for the record of a call: %w", err)
	}
	found, err := readAll[records.Record](docs)
	if err != nil {
		return nil, err
	}
	switch len(found) {
	case 0:
		return nil, nil //nolint:nilnil // there is none
	case 1:
		return &found[0], nil
	}
	return nil, ErrMany.With(nil)
}
