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

// gauge is a number that rises and falls.
func gauge(name string, value int64, help string) figure {
	return figure{name: name, help: help, kind: prometheus.GaugeValue, value: value}
}

// gaugeBy is one of them for each value of a label.
func gaugeBy(name, label string, values map[string]int64, help string) figure {
	return figure{name: name, help: help, kind: prometheus.GaugeValue, label: label, values: values}
}

// counter is a number that only rises. Its name ends in _total.
func counter(name string, value int64, help string) figure {
	return figure{name: name, help: help, kind: prometheus.CounterValue, value: value}
}

// counterBy is one of them for each value of a label.
func counterBy(name, label string, values map[string]int64, help string) figure {
	return figure{name: name, help: help, kind: prometheus.CounterValue, label: label, values: values}
}
