package secret

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
)

// signatureBytes is how much of the HMAC a token carries: 192 bits.
const signatureBytes = 24

// Signer makes tokens of ids and knows its own again. The same id always gives the same token, so nobody need keep one.
// It is safe for use by many goroutines.
type Signer struct{ key []byte }

// NewSigner makes the Signer of one purpose from a key of KeyBytes bytes. Tokens of other purposes mean nothing to it.
func NewSigner(key []byte, purpose string) (*Signer, error) {
	if len(key) != KeyBytes {
		return nil, fmt.Errorf("a secret key has %d bytes, this one has %d", KeyBytes, len(key))
	}
	own, err := hkdf.Key(sha256.New, key, nil, "stepwell signature\n"+purpose, KeyBytes)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	return &Signer{own}, nil
}

// spelling has nothing in it that a program which finds addresses in a text would take for the end of one.
var spelling = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// Token is the id, "-" and its signature in small letters and digits. The id must not hold a "-".
func (s *Signer) Token(id string) string {
	return id + "-" + spelling.EncodeToString(s.sign(id))
}

// Open gives the id of a token that this key signed; ok is false for any other text.
func (s *Signer) Open(token string) (id string, ok bool) {
	id, _, found := strings.Cut(token, "-")
	// As it is spelled and not as it decodes: an id has one token.
	if !found || id == "" || !hmac.Equal([]byte(token), []byte(s.Token(id))) {
		return "", false
	}
	return id, true
}

func (s *Signer) sign(id string) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(id))
	return mac.Sum(nil)[:signatureBytes]
}
