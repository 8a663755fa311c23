package people

import "slices"

// Scope is a kind of request that an API token may be limited to.
type Scope string

// The scopes of an API token. None includes another.
const (
	ScopeRead  Scope = "read"  // look at records, lists and definitions
	ScopeWrite Scope = "write" // change them
	ScopeAdmin Scope = "admin" // what needs a permission of the platform
)

// Identity is who a request comes from. The zero Identity is nobody in particular.
type Identity struct {
	User    *User
	Session string  // id of the session, "" when a token was used
	Token   string  // id of the API token, "" when a session was used
	Scopes  []Scope // of the token; a session has every scope
	// MustChangePassword says that the password was given by somebody else and only serves to choose one's own.
	MustChangePassword bool
}

// SignedIn reports whether the request comes from a known person.
func (i Identity) SignedIn() bool { return i.User != nil }

// UserID is the user's id, "" for nobody.
func (i Identity) UserID() string {
	if i.User == nil {
		return ""
	}
	return i.User.ID
}

// Allows reports whether a request of this scope may be made with what the person showed.
func (i Identity) Allows(scope Scope) bool { return i.Token == "" || slices.Contains(i.Scopes, scope) }
