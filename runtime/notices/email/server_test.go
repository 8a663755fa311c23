package email_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"net/mail"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
)

// server is a real SMTP server on loopback that keeps what it accepts and answers as it is told.
type server struct {
	addr *net.TCPAddr
	tls  *tls.Config // to trust it

	mu       sync.Mutex
	accepted []*mail.Message
	answers  []answer // for the next messages, in order; then all are accepted
	sessions int
}

// answer is how the server treats one message.
type answer struct {
	atMail, atRcpt, atData error
	// loseAck takes the message and breaks the connection instead of saying so.
	loseAck bool
	// hang blocks the answer to the message until the test ends.
	hang <-chan struct{}
}

type mode int

const (
	plain mode = iota
	starttls
	implicit
)

func start(t *testing.T, m mode, answers ...answer) *server {
	t.Helper()
	s := &server{answers: answers}
	backend := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sessions++
		return &session{server: s, conn: c}, nil
	}))
	backend.Domain = "localhost"
	backend.AllowInsecureAuth = true
	backend.ErrorLog = silence{}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr, ok := listener.Addr().(*net.TCPAddr)
	require.True(t, ok)
	s.addr = addr
	if m != plain {
		var own *tls.Config
		own, s.tls = certificate(t)
		if m == starttls {
			backend.TLSConfig = own
		} else {
			listener = tls.NewListener(listener, own)
		}
	}
	done := make(chan error, 1)
	go func() { done <- backend.Serve(listener) }()
	t.Cleanup(func() {
		_ = backend.Close()
		_ = listener.Close() // Serve may not have got so far as to be closed
		<-done
	})
	return s
}

func (s *server) messages() []*mail.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted
}

func (s *server) answer() answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.answers) == 0 {
		return answer{}
	}
	return s.answers[0]
}

func (s *server) answered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.answers) > 0 {
		s.answers = s.answers[1:]
	}
}

type session struct {
	server *server
	conn   *smtp.Conn
}

func (s *session) Reset() {}

func (s *session) Logout() error { return nil }

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "stepwell" || password != "secret" {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s *session) refuse(err error) error {
	if err != nil {
		s.server.answered()
	}
	return err
}

func (s *session) Mail(string, *smtp.MailOptions) error {
	return s.refuse(s.server.answer().atMail)
}

func (s *session) Rcpt(string, *smtp.RcptOptions) error {
	return s.refuse(s.server.answer().atRcpt)
}

func (s *session) Data(r io.Reader) error {
	a := s.server.answer()
	s.server.answered()
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if a.hang != nil {
		<-a.hang
	}
	if a.atData != nil {
		return a.atData
	}
	m, err := mail.ReadMessage(bytes.NewReader(body))
	if err != nil {
		return err
	}
	s.server.mu.Lock()
	s.server.accepted = append(s.server.accepted, m)
	s.server.mu.Unlock()
	if a.loseAck {
		return s.conn.Conn().Close()
	}
	return nil
}

type silence struct{}

func (silence) Printf(string, ...any) {}
func (silence) Println(...any)        {}

// certificate makes one for loopback, and the configuration that trusts it.
func certificate(t *testing.T) (own, trust *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	own = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	return own, &tls.Config{RootCAs: pool, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
}
