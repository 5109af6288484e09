package gateway

import (
	"github.com/prometheus/client_golang/prometheus"
)

// figure is one number with its name; with a label, one number for each of its values.
type figure struct {
	name, help string
	kind       prometheus.ValueType
	value      int64
	label      string
	values     map[string]int64
}

func (f *figure) desc() *prometheus.Desc {
	var labels []string
	if f.label != "" {
		labels = []string{f.label}
	}
	return prometheus.NewDesc(f.name, f.help, labels, nil)
}

const (
	gauge   = prometheus.GaugeValue
	counter = prometheus.CounterValue
)
