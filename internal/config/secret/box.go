// Package secret keeps secrets secret: Text hides one in memory from logs, Box encrypts one for storing.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// KeyBytes is the length of a key: AES-256.
const KeyBytes = 32

// Errors of Open.
var (
	ErrOtherKey = errors.New("sealed with another secret key: start with the key that was in use when it was saved, or enter the secret again")
	ErrDamaged  = errors.New("the sealed text is damaged or belongs somewhere else")
)

const sealedPrefix = "sw1"

// Box seals secrets with AES-256-GCM. It is safe for use by many goroutines.
type Box struct {
	aead cipher.AEAD
	id   string // names the key without telling it
}

// NewBox makes a Box of a key of KeyBytes bytes.
func NewBox(key []byte) (*Box, error) {
	if len(key) != KeyBytes {
		return nil, fmt.Errorf("a secret key has %d bytes, this one has %d", KeyBytes, len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	sum := sha256.Sum256(append([]byte("stepwell key id\n"), key...))
	return &Box{aead: aead, id: hex.EncodeToString(sum[:4])}, nil
}

// Seal encrypts plain into text that can be stored anywhere. place names where it belongs, e.g. "channel/mail/password":
// Open refuses it at any other place, so one secret cannot be put where another is expected.
func (b *Box) Seal(plain, place string) string {
	sealed := b.aead.Seal(nil, nil, []byte(plain), []byte(place)) //nolint:gosec // this AEAD draws its own random nonce and takes none
	return sealedPrefix + "." + b.id + "." + base64.RawURLEncoding.EncodeToString(sealed)
}

// Open decrypts what Seal made for the same place: ErrOtherKey or ErrDamaged when it cannot.
func (b *Box) Open(sealed, place string) (Text, error) {
	parts := strings.Split(sealed, ".")
	if len(parts) != 3 || parts[0] != sealedPrefix {
		return Text{}, ErrDamaged
	}
	if parts[1] != b.id {
		return Text{}, ErrOtherKey
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return Text{}, ErrDamaged
	}
	plain, err := b.aead.Open(nil, nil, raw, []byte(place))
	if err != nil {
		return Text{}, ErrDamaged
	}
	return New(string(plain)), nil
}

// ParseKey reads a key written in base64 (any alphabet, padded or not) or hex.
func ParseKey(text string) ([]byte, error) {
	text = strings.TrimSpace(text)
	if key, err := hex.DecodeString(text); err == nil && len(key) == KeyBytes {
		return key, nil
	}
	plain := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	key, err := base64.RawStdEncoding.DecodeString(plain)
	if err != nil || len(key) != KeyBytes {
		return nil, fmt.Errorf("is not %d bytes in base64 or hex; make one with: openssl rand -base64 %d", KeyBytes, KeyBytes)
	}
	return key, nil
}

// LoadKey reads the key in the file, and makes one, readable by its owner only, when there is no file. Two processes
// that start together end up with the same key.
func LoadKey(path string) ([]byte, error) {
	key, err := readKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := writeKey(path); err != nil {
		return nil, fmt.Errorf("make secret key: %w", err)
	}
	return readKey(path)
}

func readKey(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read secret key: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("secret key %s can be read by others; run: chmod 600 %s", path, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read secret key: %w", err)
	}
	key, err := ParseKey(string(text))
	if err != nil {
		return nil, fmt.Errorf("secret key in %s %w", path, err)
	}
	return key, nil
}

// writeKey writes beside the file and links it into place, so that nobody ever reads half a key and the first wins.
func writeKey(path string) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".key-*") // made with mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(tmp.Name())) }()
	key := make([]byte, KeyBytes)
	if _, err := rand.Read(key); err != nil {
		return errors.Join(err, tmp.Close())
	}
	_, err = tmp.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
