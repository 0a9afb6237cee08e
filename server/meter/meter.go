// Package meter is the server's own metrics, in the format that Prometheus reads.
package meter

import (
	"fmt"
	"io"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"
)

// Registry collects what /metrics shows.
type Registry struct {
	reg      *prometheus.Registry
	requests *prometheus.HistogramVec
}

// New is a registry with the process's and the runtime's own figures.
func New() *Registry {
	r := &Registry{
		reg: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "watchroom_http_request_seconds", Help: "Time to answer, by route pattern and status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route", "status"}),
	}
	r.reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), r.requests)
	return r
}

// Request counts one answered request.
func (r *Registry) Request(route string, status int, took time.Duration) {
	r.requests.WithLabelValues(route, fmt.Sprint(status)).Observe(took.Seconds())
}

// Gauge shows what read returns at the moment of asking. A name may be registered once.
func (r *Registry) Gauge(name, help string, read func() float64) {
	r.reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
}

// Counter shows a total that read returns and that never falls. A name may be registered once.
func (r *Registry) Counter(name, help string, read func() float64) {
	r.reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, read))
}

// Write writes every figure in the text format.
func (r *Registry) Write(w io.Writer) error {
	families, err := r.reg.Gather()
	if err != nil {
		return err
	}
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(w, f); err != nil {
			return err
		}
	}
	return nil
}
