// Package fault is the error that crosses floors: a code for machines, a sentence in the reader's language, and the
// places that are wrong. What is not a fault is an internal error and is logged, once, at the edge.
package fault

import (
	"errors"
	"fmt"
	"strings"

	"github.com/stepwell/stepwell/schemas/problem"
)

// Kind groups codes by what the caller can do about them. api turns it into an HTTP status.
type Kind string

// The kinds of fault.
const (
	Invalid         Kind = "invalid"         // the request is wrong; mend it and send it again
	Unauthenticated Kind = "unauthenticated" // sign in first
	Forbidden       Kind = "forbidden"       // this person may not
	NotFound        Kind = "notFound"        // not there, or not visible to this person
	Conflict        Kind = "conflict"        // the state does not allow it now
	Stale           Kind = "stale"           // based on an older revision; load again
	TooLarge        Kind = "tooLarge"        // more bytes than allowed
	TooMany         Kind = "tooMany"         // slow down
	Unavailable     Kind = "unavailable"     // a part is out of reach; try again
	Internal        Kind = "internal"        // our mistake
)

// Code is one kind of failure.
type Code struct {
	problem.Code
	Kind Kind
}

// Define declares a code with its wording in both languages; {name} stands for a parameter.
func Define(kind Kind, id, en, zh string) *Code {
	return &Code{Code: *problem.Define(id, en, zh), Kind: kind}
}

// Error is one failure.
type Error struct {
	Code     *Code
	Params   problem.Params
	Problems []problem.Problem // the places, when there are several or one that has a pointer
	Cause    error             // for the log, never for the caller
}

// With makes an error of this code.
func (c *Code) With(params problem.Params, problems ...problem.Problem) *Error {
	return &Error{Code: c, Params: params, Problems: problems}
}

// Because makes an error of this code that keeps its cause for the log.
func (c *Code) Because(cause error, params problem.Params) *Error {
	return &Error{Code: c, Params: params, Cause: cause}
}

// Message is the failure in the reader's language.
func (e *Error) Message(lang string) string {
	return problem.Fill(e.Code.Text.In(lang), lang, e.Params)
}

func (e *Error) Error() string {
	var s strings.Builder
	s.WriteString(e.Code.ID + ": " + e.Message("en"))
	for _, p := range e.Problems {
		s.WriteString("; " + p.Error())
	}
	if e.Cause != nil {
		fmt.Fprintf(&s, ": %v", e.Cause)
	}
	return s.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is reports whether target is the same code, so errors.Is(err, code.With(nil)) works.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Code == e.Code
}

// As finds the fault in an error chain.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// Has reports whether the chain holds a fault of this code.
func Has(err error, code *Code) bool {
	e, ok := As(err)
	return ok && e.Code == code
}

// KindOf is the kind of the fault in the chain, Internal when there is none.
func KindOf(err error) Kind {
	if e, ok := As(err); ok {
		return e.Code.Kind
	}
	return Internal
}
