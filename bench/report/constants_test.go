package report

import (
	"errors"
	"strings"
	"testing"

	"github.com/scaiwave/presence/bench/result"
)

// TestShippedConstants: they are those of the run in testdata, and a plan needs no others.
func TestShippedConstants(t *testing.T) {
	s, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	whole := measured(t, "compare-redis.json")
	if s.Machine != whole.Machine || !s.Started.Equal(whole.Started) {
		t.Errorf("measured at %v on %+v; the whole run at %v on %+v", s.Started, s.Machine, whole.Started,
			whole.Machine)
	}
	for _, f := range whole.Figures {
		got, ok := s.Find(f.Name)
		if want := strings.HasPrefix(f.Name, constantPrefix); ok != want || ok && got.Value != f.Value {
			t.Errorf("%s: %v, %v; the run has %v", f.Name, got.Value, ok, f.Value)
		}
	}
	if _, err := Plan(wish(), []*result.Result{s}); err != nil {
		t.Error(err)
	}
	if err := BigEnough(s); err != nil {
		t.Error(err)
	}
	if got := Origin(s); !strings.Contains(got,
		"compare redis on 25 November 2026, AMD EPYC, 2 cores, commit 13a0fbc891ed") {
		t.Error(got)
	}
}

func TestRunsTooSmallForAPlan(t *testing.T) {
	for _, tt := range []struct {
		scenario string
		settings map[string]string
		want     []string
	}{
		{"compare redis", map[string]string{
			"participants": "100000", "subscribers": "100", "rounds": "3",
			"each": "1s",
		}, nil},
		{
			"compare redis",
			map[string]string{"participants": "1000", "rounds": "1", "each": "100ms"},
			[]string{"--participants=1000", "at least 100000", "--rounds=1", "--each=100ms", "at least 1s"},
		},
		{"compare redis", map[string]string{"participants": "many"}, []string{"--participants=many"}},
		{"fanout", map[string]string{"viewers": "60", "participants": "7"}, []string{"--viewers=60", "at least 1000"}},
		{"steady", map[string]string{"participants": "7"}, nil},
	} {
		r := measuredConstants()
		r.Scenario, r.Settings = tt.scenario, tt.settings
		err := BigEnough(r)
		if (err != nil) != (tt.want != nil) || err != nil && !errors.Is(err, ErrSmall) {
			t.Errorf("%s %v: %v", tt.scenario, tt.settings, err)
		}
		for _, want := range tt.want {
			if err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s %v: %v; want %q", tt.scenario, tt.settings, err, want)
			}
		}
		if r.Figures = nil; BigEnough(r) != nil {
			t.Errorf("%s: a run without constants is no plan's", tt.scenario)
		}
	}
}
