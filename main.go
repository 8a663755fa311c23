// Command stepwell serves the Stepwell form and workflow platform: one binary, an embedded store by default, MongoDB by
// a URI.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
	_ "time/tzdata" // machines without zone files keep deadlines right

	"github.com/stepwell/stepwell/api"
	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/config"
	"github.com/stepwell/stepwell/internal/memory"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/embedded"
	"github.com/stepwell/stepwell/internal/store/mongodb"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/runtime/people/audit"
	"github.com/stepwell/stepwell/ui"
)

const usage = `stepwell: forms and workflows that run their own descriptions

  stepwell [serve]   serve the product (default)
  stepwell demo      serve it with a sample company, its people and six months of history
  stepwell help      every setting

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "stepwell:", err)
		}
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func run(ctx context.Context, args, environ []string, out, errOut io.Writer) error {
	command := "serve"
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		command, args = args[0], args[1:]
	}
	switch command {
	case "serve", "demo":
	case "help":
		return help(out)
	default:
		return fmt.Errorf("there is no command %q; stepwell help lists what there is", command)
	}
	flags := flag.NewFlagSet("stepwell "+command, flag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.Usage = func() { _ = help(errOut) }
	config.Flags(flags)
	if err := flags.Parse(args); err != nil {
		return err
	}
	cfg, err := config.Load(flags, environ)
	if err != nil {
		return err
	}
	log := newLog(cfg.Log, errOut)
	for _, w := range cfg.Warnings {
		log.WarnContext(ctx, "configuration", slog.String("warning", w))
	}
	return serve(ctx, command, cfg, log, out)
}

func help(out io.Writer) error {
	if _, err := io.WriteString(out, usage); err != nil {
		return err
	}
	return config.Help(out)
}

func newLog(l config.Log, out io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: l.Level}
	if l.Format == config.LogJSON {
		return slog.New(slog.NewJSONHandler(out, options))
	}
	return slog.New(slog.NewTextHandler(out, options))
}

func openStore(ctx context.Context, cfg *config.Config) (store.Store, error) {
	if cfg.Embedded() {
		return embedded.Open(ctx, cfg.DataDir)
	}
	return mongodb.Open(ctx, cfg.MongoDB.URI.Reveal(), mongodb.WithDatabase(cfg.MongoDB.Database))
}

func serve(ctx context.Context, command string, cfg *config.Config, log *slog.Logger, out io.Writer) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	st, err := openStore(ctx, cfg)
	if err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	app, err := ui.Dist()
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		return fmt.Errorf("load time zone: %w", err)
	}
	var ck clock.Clock = clock.Real{}
	if cfg.ManualClock {
		ck = clock.NewManual(time.Now())
	}
	product, err := api.Open(ctx, api.Options{Store: st, Clock: ck, Config: cfg, Log: log, UI: app, Zone: zone})
	if err != nil {
		return err
	}
	if command == "demo" {
		err = demo(ctx, product, out)
	} else {
		err = offerSetup(ctx, product, out)
	}
	if err != nil {
		return err
	}
	return listen(ctx, product, out)
}

// listen answers requests until ctx ends, then lets those under way finish.
func listen(ctx context.Context, product *api.Product, out io.Writer) error {
	server, err := api.NewServer(product) //nolint:contextcheck // its handlers take the context of their request
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", product.Config.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", product.Config.Listen, err)
	}
	keeper := memory.New(clock.Real{}, product.Log, rests(product.Store)...)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		keeper.Used()
		server.ServeHTTP(w, r)
	})
	web := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	background, stop := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() { product.Run(background) })
	work.Go(func() { keeper.Run(background) })
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(listener) }()
	fmt.Fprintf(out, "Stepwell is ready on %s (listening on %s)\n", product.Config.PublicURL, listener.Addr())
	select {
	case err = <-failed:
	case <-ctx.Done():
		wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if err = web.Shutdown(wait); errors.Is(err, context.DeadlineExceeded) {
			err = web.Close() // open event streams never end by themselves
		}
	}
	stop()
	work.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// rests is how a store gives memory back, if it has any of its own.
func rests(st store.Store) []func(context.Context) error {
	if s, ok := st.(interface{ Rest(context.Context) error }); ok {
		return []func(context.Context) error{s.Rest}
	}
	return nil
}

// offerSetup prints the one-time link of the first administrator while there is none.
func offerSetup(ctx context.Context, p *api.Product, out io.Writer) error {
	needed, err := p.Account.SetupNeeded(ctx)
	if err != nil || !needed {
		return err
	}
	secret, err := p.Account.IssueSetup(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "Make the first administrator here (once, within a day): %s/setup?token=%s\n", p.Config.PublicURL, secret)
	return err
}

// The demo's own administrator and the password of everybody in the sample company. Only the demo command sets them.
const (
	demoApp      = "sales-manufacturing"
	demoAdmin    = "admin"
	demoPassword = "nine lanterns by water"
)

// demo fills an empty installation with the sample company. One that has people already is served as it is.
func demo(ctx context.Context, p *api.Product, out io.Writer) error {
	needed, err := p.Account.SetupNeeded(ctx)
	if err != nil {
		return err
	}
	if needed {
		fmt.Fprintln(out, "Playing six months of sample history; this takes about a minute, once.")
		admin, err := p.Account.CreateUser(ctx, audit.Actor{}, people.Profile{
			Username: demoAdmin, Name: "管理员", Active: true,
			Roles: []people.RoleRef{{App: people.PlatformApp, Role: people.AdminRole}, {App: demoApp, Role: "admin"}},
		}, demoPassword, false)
		if err != nil {
			return fmt.Errorf("make the demo's administrator: %w", err)
		}
		if _, err := p.Install(ctx, demoApp, false, admin.ID); err != nil {
			return fmt.Errorf("install the demo's app: %w", err)
		}
		played, err := p.Sample(ctx, demoApp, admin.ID, demoPassword)
		if err != nil {
			return fmt.Errorf("play the sample history: %w", err)
		}
		fmt.Fprintf(out, "Sample history: records %v, decisions %v\n", played.Records, played.Commands)
	}
	_, err = fmt.Fprintf(out, "Sign in as %s (administrator) or any sample user, password: %s\n", demoAdmin, demoPassword)
	return err
}
