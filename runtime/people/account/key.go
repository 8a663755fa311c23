package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/runtime/people"
)

// secretBytes is the length of the random part of a key: 256 bits.
const secretBytes = 32

// tokenPrefix lets people and scanners tell an API token when they see one.
const tokenPrefix = "swt_"

// key is what the store knows of a session or API token.
type key struct {
	ID         string       `json:"_id"`
	User       string       `json:"user"`
	Epoch      int64        `json:"epoch"` // people.User.Epoch when it was made
	Hash       string       `json:"hash"`  // SHA-256 of the secret, in hex
	CreatedAt  store.Moment `json:"createdAt"`
	LastUsedAt store.Moment `json:"lastUsedAt,omitzero"`
	ExpiresAt  store.Moment `json:"expiresAt"`

	IP         string `json:"ip,omitempty"` // of a session, when it began
	Agent      string `json:"agent,omitempty"`
	MustChange bool   `json:"mustChange,omitempty"`

	Name   string         `json:"name,omitempty"` // of an API token
	Scopes []people.Scope `json:"scopes,omitempty"`
}

// newSecret makes a random secret and its hash.
func newSecret() (secret, hash string) {
	random := make([]byte, secretBytes)
	_, _ = rand.Read(random) // never fails: crypto/rand ends the process instead
	secret = base64.RawURLEncoding.EncodeToString(random)
	return secret, hashOf(secret)
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// matches compares without telling by its time how much of the secret was right.
func matches(hash, secret string) bool {
	return subtle.ConstantTimeCompare([]byte(hash), []byte(hashOf(secret))) == 1
}

// split takes "id.secret" apart.
func split(shown string) (id, secret string, ok bool) {
	id, secret, ok = strings.Cut(shown, ".")
	return id, secret, ok && id != "" && len(id) <= 64 && secret != "" && len(secret) <= 128
}

func (a *Service) keysOf(ctx context.Context, collection, user string) ([]key, error) {
	keys, err := store.LoadAll[key](ctx, a.store, collection, store.Query{
		Filter: store.Filter{"user": user, "expiresAt": store.Filter{"$gt": store.FormatTime(a.clock.Now())}},
		Sort:   []store.SortKey{{Path: "_id", Desc: true}},
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", collection, err)
	}
	return keys, nil
}
