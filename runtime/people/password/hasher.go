// Package password hashes passwords, compares them at constant cost and refuses those that are easily guessed.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Cost is how much work one argon2id hash takes.
type Cost struct {
	Memory  uint32 // KiB
	Passes  uint32
	Threads uint8
}

// Recommended is OWASP's choice for argon2id: 19 MiB, two passes, one thread.
var Recommended = Cost{Memory: 19 * 1024, Passes: 2, Threads: 1}

const (
	saltBytes = 16
	hashBytes = 32
)

// ErrDamaged says that a stored hash is not one that this package made.
var ErrDamaged = errors.New("the stored password hash is damaged")

// Hasher hashes passwords at one cost. At most one hash per processor is computed at a time, the rest wait, so that
// many sign-ins at once cannot exhaust the memory. It is safe for use by many goroutines.
type Hasher struct {
	cost  Cost
	slots chan struct{}
}

// NewHasher makes a Hasher of this cost.
func NewHasher(cost Cost) *Hasher {
	return &Hasher{cost: cost, slots: make(chan struct{}, runtime.GOMAXPROCS(0))}
}

// Hash makes a salted hash in the PHC text form. It fails only when ctx ends while waiting for a turn.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("make salt: %w", err)
	}
	sum, err := h.sum(ctx, password, salt, h.cost, hashBytes)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.cost.Memory, h.cost.Passes, h.cost.Threads,
		b64.EncodeToString(salt), b64.EncodeToString(sum)), nil
}

// Verify compares a password with a stored hash. outdated says that the hash matched but has another cost than new
// ones, so that it should be made again. An empty hash costs as much as a real one and never matches: whoever asks
// cannot tell an unknown user by the time it takes.
func (h *Hasher) Verify(ctx context.Context, encoded, password string) (ok, outdated bool, err error) {
	cost, salt, want := h.cost, make([]byte, saltBytes), make([]byte, hashBytes)
	if encoded != "" {
		if cost, salt, want, err = parse(encoded); err != nil {
			return false, false, err
		}
	}
	got, err := h.sum(ctx, password, salt, cost, uint32(len(want))) //nolint:gosec // parse allows at most 64 bytes
	if err != nil {
		return false, false, err
	}
	ok = subtle.ConstantTimeCompare(got, want) == 1 && encoded != ""
	return ok, ok && cost != h.cost, nil
}

func (h *Hasher) sum(ctx context.Context, password string, salt []byte, cost Cost, length uint32) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("hash password: %w", ctx.Err())
	}
	// Two keyboards may write the same letter in two ways.
	plain := norm.NFKC.Bytes([]byte(password))
	return argon2.IDKey(plain, salt, cost.Passes, cost.Memory, cost.Threads, length), nil
}

func parse(encoded string) (cost Cost, salt, sum []byte, err error) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return cost, nil, nil, ErrDamaged
	}
	n, scanErr := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &cost.Memory, &cost.Passes, &cost.Threads)
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	sum, sumErr := base64.RawStdEncoding.DecodeString(parts[5])
	if err := errors.Join(scanErr, saltErr, sumErr); err != nil || n != 3 {
		return cost, nil, nil, ErrDamaged
	}
	// Bounds keep a damaged hash from asking for all the memory there is.
	sane := cost.Memory <= 1<<20 && cost.Passes >= 1 && cost.Passes <= 64 && cost.Threads >= 1 && len(sum) >= 16 && len(sum) <= 64
	if !sane {
		return cost, nil, nil, ErrDamaged
	}
	return cost, salt, sum, nil
}
