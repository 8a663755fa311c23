package api

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/stepwell/stepwell/api/web"
	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/internal/id"
	"github.com/stepwell/stepwell/runtime/access"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/runtime/people/account"
	"github.com/stepwell/stepwell/runtime/people/audit"
)

// cookieName is the session cookie.
const cookieName = "stepwell"

// Server answers HTTP for a product.
type Server struct {
	*Product
	echo  *echo.Echo
	spec  []byte // openapi.yaml as JSON
	meter *meter
}

// NewServer makes the HTTP side of a product.
func NewServer(p *Product) (*Server, error) {
	spec, err := specJSON()
	if err != nil {
		return nil, err
	}
	s := &Server{Product: p, echo: echo.New(), spec: spec, meter: newMeter(p.outcomes)}
	e := s.echo
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = web.ErrorHandler(p.Log)
	e.IPExtractor = s.clientIP(p.Config.TrustedProxies)
	e.Use(middleware.RequestIDWithConfig(middleware.RequestIDConfig{Generator: id.NewSource(clock.Real{}).Next}), s.secure, s.meter.time, s.recover)
	e.GET("/healthz", s.health)
	e.GET("/readyz", s.ready)
	e.GET("/metrics", s.metrics)
	e.GET("/openapi.json", s.openAPI)
	e.GET("/docs", s.docs)
	idempotent := web.Idempotent(p.Store, p.Clock, p.Log, func(c echo.Context) string { return identity(c).UserID() })
	for _, r := range s.Routes() {
		handler := r.Handler
		if r.Method == http.MethodPost && !r.Keyed {
			handler = idempotent(handler)
		}
		if !r.Upload {
			handler = limit(handler, p.Config.Limits.Request)
		}
		e.Add(r.Method, "/api/v1"+echoPath(r.Path), s.guard(r.Rule, handler))
	}
	if p.UI != nil {
		s.serveUI(e)
	}
	return s, nil
}

// ServeHTTP makes a Server an http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }

// echoPath writes {name} as Echo does.
func echoPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}

// clientIP believes X-Forwarded-For only from the proxies that are configured.
func (*Server) clientIP(trusted []netip.Prefix) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range trusted {
		address := p.Addr().AsSlice()
		options = append(options, echo.TrustIPRange(&net.IPNet{IP: address, Mask: net.CIDRMask(p.Bits(), 8*len(address))}))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

const identityKey = "stepwell.identity"

// identity is who asks.
func identity(c echo.Context) people.Identity {
	who, _ := c.Get(identityKey).(people.Identity)
	return who
}

// actor is who asks, for the audit log.
func actor(c echo.Context) audit.Actor {
	return audit.Actor{User: identity(c).UserID(), IP: c.RealIP()}
}

// client is where the request comes from.
func client(c echo.Context) account.Client {
	return account.Client{IP: c.RealIP(), Agent: c.Request().UserAgent()}
}

// guard recognises who asks, refuses forged cross-site writes, and asks the permission table.
func (s *Server) guard(rule access.Rule, next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		who, err := s.recognise(c)
		byLink := rule.Level == access.LevelQuickLink
		if err != nil && rule.Level != access.LevelPublic && !byLink {
			return err
		}
		c.Set(identityKey, who)
		if who.SignedIn() && who.User.Locale != "" && c.Request().Header.Get("Accept-Language") == "" {
			web.SetLang(c, who.User.Locale)
		}
		if writes(c.Request().Method) && who.Token == "" && !byLink && !rule.Outside && c.Request().Header.Get("X-Stepwell") == "" {
			return web.ErrNoCSRF.With(nil)
		}
		if err := s.Access.CheckRoute(who, rule, c.Param); err != nil {
			return err
		}
		return next(c)
	}
}

func writes(method string) bool { return method != http.MethodGet && method != http.MethodHead }

// recognise finds who asks by bearer token or cookie. Nobody in particular is no error.
func (s *Server) recognise(c echo.Context) (people.Identity, error) {
	ctx := c.Request().Context()
	if bearer, ok := strings.CutPrefix(c.Request().Header.Get(echo.HeaderAuthorization), "Bearer "); ok {
		return s.Account.AuthenticateToken(ctx, bearer)
	}
	cookie, err := c.Cookie(cookieName)
	if err != nil || cookie.Value == "" {
		return people.Identity{}, nil //nolint:nilerr // no cookie is nobody, which the permission table judges
	}
	who, err := s.Account.Authenticate(ctx, cookie.Value)
	if fault.KindOf(err) == fault.Unauthenticated && err != nil {
		s.setCookie(c, "") // it will never work again
	}
	return who, err
}

func (s *Server) setCookie(c echo.Context, value string) {
	cookie := &http.Cookie{ //nolint:gosec // Secure follows the public address: plain HTTP on localhost must work
		Name: cookieName, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: c.IsTLS() || strings.HasPrefix(s.Config.PublicURL, "https://"), MaxAge: int(s.Config.Session.Max.Seconds()),
	}
	if value == "" {
		cookie.MaxAge = -1
	}
	c.SetCookie(cookie)
}

// recover turns a panic of a handler into an internal error, so that it is logged and answered like any other.
func (*Server) recover(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("handler of %s panicked: %v", c.Path(), r)
			}
		}()
		return next(c)
	}
}

// secure sets the headers that keep a browser from doing what the product never asks for.
func (*Server) secure(next echo.HandlerFunc) echo.HandlerFunc {
	const policy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
		"font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		path := c.Request().URL.Path
		if strings.HasPrefix(path, "/api/") {
			h.Set("Cache-Control", "no-store")
		}
		if strings.HasPrefix(path, quickPage) || strings.HasPrefix(path, "/api/v1/quick/") {
			// Their addresses are keys: they go into no other server's log and into no index.
			h.Set("Referrer-Policy", "no-referrer")
			h.Set("X-Robots-Tag", "noindex, nofollow")
		}
		return next(c)
	}
}

// limit bounds the body of a request.
func limit(next echo.HandlerFunc, most int64) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Request().ContentLength > most {
			return fmt.Errorf("refuse body: %w", &http.MaxBytesError{Limit: most})
		}
		c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, most)
		return next(c)
	}
}

func (s *Server) health(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// ready says whether requests can be served: the store answers.
func (s *Server) ready(c echo.Context) error {
	if err := s.Store.Ping(c.Request().Context()); err != nil {
		s.Log.WarnContext(c.Request().Context(), "not ready", slog.Any("error", err))
		return c.String(http.StatusServiceUnavailable, "the store does not answer\n")
	}
	return c.String(http.StatusOK, "ready\n")
}
