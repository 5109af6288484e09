package result

import (
	"encoding/base64"
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Latency is a distribution of times. With Intended a time counts from when the request was due,
// not from when it could be sent: a server that stalls cannot hide how many requests would have
// waited.
type Latency struct {
	Name     string  `json:"name"`
	Unit     string  `json:"unit"` // "ms"
	Count    int64   `json:"count"`
	Intended bool    `json:"intended"`
	P50      float64 `json:"p50"`
	P90      float64 `json:"p90"`
	P99      float64 `json:"p99"`
	P999     float64 `json:"p999"`
	Max      float64 `json:"max"`
	// the whole histogram in microseconds: HdrHistogram's V2 format, compressed, in base64
	Encoded string `json:"hdr"`
}

// NewLatency is the distribution in h, which counts microseconds.
func NewLatency(name string, intended bool, h *hdrhistogram.Histogram) (Latency, error) {
	raw, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return Latency{}, fmt.Errorf("result: histogram %s: %w", name, err)
	}
	at := func(q float64) float64 { return float64(h.ValueAtQuantile(q)) / 1000 }
	return Latency{
		Name: name, Unit: "ms", Count: h.TotalCount(), Intended: intended,
		P50: at(50), P90: at(90), P99: at(99), P999: at(99.9), Max: float64(h.Max()) / 1000,
		Encoded: string(raw),
	}, nil
}

// Histogram returns the whole distribution, in microseconds.
func (l Latency) Histogram() (*hdrhistogram.Histogram, error) {
	if _, err := base64.StdEncoding.DecodeString(l.Encoded); err != nil {
		return nil, fmt.Errorf("result: latency %q: hdr is not base64: %w", l.Name, err)
	}
	h, err := hdrhistogram.Decode([]byte(l.Encoded))
	if err != nil {
		return nil, fmt.Errorf("result: latency %q: hdr is not a histogram: %w", l.Name, err)
	}
	return h, nil
}

// NewHistogram returns an empty histogram, from a microsecond to five minutes with three digits.
func NewHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, (5 * time.Minute).Microseconds(), 3)
}
