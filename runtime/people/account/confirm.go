package account

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/runtime/people/audit"
	"github.com/stepwell/stepwell/schemas/problem"
)

// ProofCollection holds what people have proved of late.
const ProofCollection = "proofs"

const (
	proofLife = 5 * time.Minute
	// MostProofs is for how many tasks one proof may be.
	MostProofs = 100
)

// Faults of confirming.
var (
	ErrNoProof = fault.Define(fault.Forbidden, "account.noProof",
		"This confirmation is not valid for that task any more. Enter your password again.",
		"密码验证已过期，或不适用于该待办，请重新输入密码。")
	ErrProofTasks = fault.Define(fault.Invalid, "account.proofTasks",
		"Say for which tasks you confirm: 1 to {max}.", "请指定要确认的待办，1 到 {max} 个。")
	ErrWrongPassword = fault.Define(fault.Invalid, "account.wrongPassword",
		"The password is wrong.", "密码不正确。")
)

// proof is what the store knows of a confirmation.
type proof struct {
	ID        string       `json:"_id"`
	User      string       `json:"user"`
	Session   string       `json:"session"`
	Tasks     []string     `json:"tasks"`
	Hash      string       `json:"hash"`
	ExpiresAt store.Moment `json:"expiresAt"`
}

// Confirm proves anew that the person of a session knows their password, for decisions on some tasks: ErrWrongPassword,
// ErrWait. What it gives is shown with those decisions; it holds for some minutes, in this session only.
func (a *Service) Confirm(ctx context.Context, who people.Identity, from Client, plain string, tasks []string) (secret string, until time.Time, err error) {
	if len(tasks) == 0 || len(tasks) > MostProofs {
		params := problem.Params{"max": MostProofs}
		return "", until, ErrProofTasks.With(params, ErrProofTasks.At("/tasks", params))
	}
	name := people.KeyOf(who.User.Username)
	locked, err := a.begin(name, from.IP)
	if err != nil {
		return "", until, err
	}
	c, err := a.credential(ctx, who.User.ID)
	if err != nil {
		return "", until, err
	}
	ok, _, err := a.hasher.Verify(ctx, c.Hash, plain)
	if err != nil {
		return "", until, fmt.Errorf("check password: %w", err)
	}
	by := audit.Actor{User: who.User.ID, IP: from.IP}
	if !ok {
		err := a.people.Audit().Append(ctx, by, "password.confirmed", who.User.ID, audit.Refused, map[string]any{"locked": locked})
		if err != nil {
			return "", until, err
		}
		return "", until, ErrWrongPassword.With(nil, ErrWrongPassword.At("/password", nil))
	}
	a.byName.succeeded(name)
	a.byAddress.refund(from.IP)
	random, hash := newSecret()
	until = a.clock.Now().Add(proofLife)
	p := proof{ID: a.ids.Next(), User: who.User.ID, Session: who.Session, Tasks: tasks, Hash: hash, ExpiresAt: store.MomentOf(until)}
	w, err := put(store.OpInsert, ProofCollection, p.ID, 0, p)
	if err != nil {
		return "", until, err
	}
	if err := a.applyWithAudit(ctx, by, "password.confirmed", who.User.ID, map[string]any{"tasks": len(tasks)}, w); err != nil {
		return "", until, fmt.Errorf("keep confirmation: %w", err)
	}
	return p.ID + "." + random, until, nil
}

// Proved checks what somebody shows with a decision on a task: ErrNoProof. "" is no proof, and no error.
func (a *Service) Proved(ctx context.Context, who people.Identity, shown, task string) (bool, error) {
	if shown == "" {
		return false, nil
	}
	id, secret, ok := split(shown)
	if !ok {
		return false, ErrNoProof.With(nil)
	}
	p, err := store.Load[proof](ctx, a.store, ProofCollection, id)
	if fault.Has(err, store.ErrNotFound) {
		return false, ErrNoProof.With(nil)
	}
	if err != nil {
		return false, fmt.Errorf("load confirmation: %w", err)
	}
	valid := matches(p.Hash, secret) && p.User == who.UserID() && who.Session != "" && p.Session == who.Session &&
		slices.Contains(p.Tasks, task) && a.clock.Now().Before(p.ExpiresAt.Time)
	if !valid {
		return false, ErrNoProof.With(nil)
	}
	return true, nil
}
