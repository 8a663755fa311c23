package main

import (
	"io"
	"log"
	"net"
	"net/mail"
	"strconv"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
)

// mailbox is a real SMTP server on loopback that takes every message and keeps it.
type mailbox struct {
	port int

	mu    sync.Mutex
	mails []letter
}

// letter is a message as it arrived.
type letter struct{ id, to string }

func openMailbox(t *testing.T) *mailbox {
	t.Helper()
	box := &mailbox{}
	backend := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &delivery{box: box}, nil }))
	backend.Domain = "localhost"
	backend.ErrorLog = log.New(io.Discard, "", 0) // a killed server breaks off
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	box.port = listener.Addr().(*net.TCPAddr).Port
	done := make(chan error, 1)
	go func() { done <- backend.Serve(listener) }()
	t.Cleanup(func() {
		_ = backend.Close()
		<-done
	})
	return box
}

// arguments make a server send its mail here.
func (b *mailbox) arguments() []string {
	return []string{
		"--smtp-host", "127.0.0.1", "--smtp-port", strconv.Itoa(b.port), "--smtp-tls", "none", "--smtp-from", "Stepwell <stepwell@stepwell.example>",
	}
}

func (b *mailbox) received() []letter {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]letter(nil), b.mails...)
}

// delivery is one conversation with the mail server.
type delivery struct {
	box *mailbox
	to  string
}

func (d *delivery) Reset()                             { d.to = "" }
func (*delivery) Logout() error                        { return nil }
func (*delivery) Mail(string, *smtp.MailOptions) error { return nil }
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.to = to
	return nil
}

func (d *delivery) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, m.Body); err != nil { // one that breaks off was not taken
		return err
	}
	d.box.mu.Lock()
	defer d.box.mu.Unlock()
	d.box.mails = append(d.box.mails, letter{id: m.Header.Get("Message-Id"), to: d.to})
	return nil
}
