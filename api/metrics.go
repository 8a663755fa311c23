package api

import (
	"log/slog"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/throttle"
)

// meter counts what an operator watches, in Prometheus' text format at /metrics.
type meter struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	jobs     *prometheus.GaugeVec
	late     *prometheus.GaugeVec
	breaker  *prometheus.GaugeVec
}

// outcomes counts what became of notices.
type outcomes struct{ total *prometheus.CounterVec }

func newOutcomes() *outcomes {
	return &outcomes{prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "stepwell_notice_attempts_total", Help: "Attempts to deliver messages by this server, by channel and what became of them.",
	}, []string{"channel", "outcome"})}
}

func (o *outcomes) count(line string, outcome notices.Outcome) {
	o.total.WithLabelValues(line, string(outcome)).Inc()
}

func newMeter(o *outcomes) *meter {
	m := &meter{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "stepwell_http_request_seconds", Help: "Time to answer, by route and status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"method", "route", "status"}),
		jobs: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "stepwell_jobs", Help: "Timers and messages that are not done, by state.",
		}, []string{"queue", "state"}),
		late: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "stepwell_oldest_due_seconds", Help: "How long ago the oldest timer or message that is not done was due.",
		}, []string{"queue"}),
		breaker: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "stepwell_channel_open", Help: "1 while the channel's peer keeps failing and is left alone, by channel.",
		}, []string{"channel"}),
	}
	m.registry.MustRegister(m.requests, m.jobs, m.late, m.breaker, o.total, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// time measures every request.
func (m *meter) time(next echo.HandlerFunc) echo.HandlerFunc {
	now := clock.Real{}
	return func(c echo.Context) error {
		start := now.Now()
		err := next(c)
		if err != nil {
			c.Error(err) // so that the status is known here
		}
		route := c.Path()
		if route == "" {
			route = "none"
		}
		m.requests.WithLabelValues(c.Request().Method, route, strconv.Itoa(c.Response().Status)).Observe(float64(now.Now().Sub(start)) / float64(time.Second))
		return nil
	}
}

// metrics reads the queues and answers.
func (s *Server) metrics(c echo.Context) error {
	ctx := c.Request().Context()
	if stats, err := s.Timers.Stats(ctx); err != nil {
		s.Log.WarnContext(ctx, "count timers", slog.Any("error", err))
	} else {
		s.meter.jobs.WithLabelValues("timers", "pending").Set(float64(stats.Pending))
		s.meter.jobs.WithLabelValues("timers", "dead").Set(float64(stats.Dead))
		s.meter.late.WithLabelValues("timers").Set(stats.Overdue.Seconds())
	}
	if stats, err := s.Errands.Stats(ctx); err != nil {
		s.Log.WarnContext(ctx, "count errands", slog.Any("error", err))
	} else {
		s.meter.jobs.WithLabelValues("errands", "pending").Set(float64(stats.Pending))
		s.meter.jobs.WithLabelValues("errands", "dead").Set(float64(stats.Dead))
		s.meter.late.WithLabelValues("errands").Set(stats.Overdue.Seconds())
	}
	if stats, err := s.Automations.Stats(ctx); err != nil {
		s.Log.WarnContext(ctx, "count runs of automations", slog.Any("error", err))
	} else {
		s.meter.jobs.WithLabelValues("automations", "pending").Set(float64(stats.Pending))
		s.meter.jobs.WithLabelValues("automations", "dead").Set(float64(stats.Dead))
		s.meter.late.WithLabelValues("automations").Set(stats.Overdue.Seconds())
	}
	if reports, err := s.Notices.Report(ctx); err != nil {
		s.Log.WarnContext(ctx, "count notices", slog.Any("error", err))
	} else {
		s.meter.channels(reports)
	}
	if held, err := s.Notices.Held(ctx); err != nil {
		s.Log.WarnContext(ctx, "count held notices", slog.Any("error", err))
	} else {
		s.meter.jobs.WithLabelValues("notices", "held").Set(float64(held))
	}
	promhttp.HandlerFor(s.meter.registry, promhttp.HandlerOpts{}).ServeHTTP(c.Response(), c.Request())
	return nil
}

// channels takes over how the channels are doing. Those that are gone are forgotten.
func (m *meter) channels(reports []notices.Report) {
	m.breaker.Reset()
	for _, r := range reports {
		queue := "notices/" + r.ID
		open := 0.0
		if r.Breaker != throttle.Closed {
			open = 1
		}
		m.breaker.WithLabelValues(r.ID).Set(open)
		m.jobs.WithLabelValues(queue, "pending").Set(float64(r.Waiting))
		m.jobs.WithLabelValues(queue, "collected").Set(float64(r.Collected))
		m.jobs.WithLabelValues(queue, "dead").Set(float64(r.Dead))
		m.jobs.WithLabelValues(queue, "noContact").Set(float64(r.NoContact))
		m.jobs.WithLabelValues(queue, "expired").Set(float64(r.Expired))
		m.late.WithLabelValues(queue).Set(r.Late.Overdue.Seconds())
	}
}
