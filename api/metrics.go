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
)

// meter counts what an operator watches, in Prometheus' text format at /metrics.
type meter struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	jobs     *prometheus.GaugeVec
	late     *prometheus.GaugeVec
}

func newMeter() *meter {
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
	}
	m.registry.MustRegister(m.requests, m.jobs, m.late, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
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
	if stats, err := s.Notices.Stats(ctx); err != nil {
		s.Log.WarnContext(ctx, "count notices", slog.Any("error", err))
	} else {
		s.meter.jobs.WithLabelValues("notices", "held").Set(float64(stats.Held))
		for kind, one := range stats.Channels {
			s.meter.jobs.WithLabelValues("notices/"+kind, "pending").Set(float64(one.Pending))
			s.meter.jobs.WithLabelValues("notices/"+kind, "dead").Set(float64(one.Dead))
			s.meter.late.WithLabelValues("notices/" + kind).Set(one.Overdue.Seconds())
		}
	}
	promhttp.HandlerFor(s.meter.registry, promhttp.HandlerOpts{}).ServeHTTP(c.Response(), c.Request())
	return nil
}
