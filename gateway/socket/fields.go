package socket

import (
	"slices"
	"time"

	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// fields is every field of every message; a pointer tells a missing one from an empty one.
type fields struct {
	Type     *string           `json:"type"`
	Req      *string           `json:"req"`
	Token    *string           `json:"token"`
	Device   *string           `json:"device_id"`
	Activity *string           `json:"activity"`
	Override *string           `json:"override"`
	IDs      wire.List[string] `json:"ids"`
	With     wire.List[string] `json:"with"`

	Status wire.Nullable[wire.Status] `json:"status"`
	wire.End
}

// nulls are the members that may be null.
var nulls = append([]string{"status"}, wire.StatusNames...)

// check refuses what belongs to other types and misses what this one needs.
func (f *fields) check(k kind) *wire.Error {
	present := []struct {
		name string
		has  bool
	}{
		{"token", f.Token != nil},
		{"device_id", f.Device != nil},
		{"activity", f.Activity != nil},
		{"override", f.Override != nil},
		{"expires_at", f.At != nil},
		{"expires_in", f.In != nil},
		{"status", f.Status.There},
		{"ids", f.IDs.There},
		{"with", f.With.There},
		{"req", f.Req != nil},
	}
	for _, p := range present {
		if p.has && p.name != "req" && !slices.Contains(fieldsOf[k].all, p.name) {
			return wire.Errorf(wire.BadRequest, "unknown field %q in %s; it takes %q", p.name, k, fieldsOf[k].all)
		}
		if !p.has && p.name == fieldsOf[k].required {
			return wire.Errorf(wire.BadRequest, "%s needs the field %q", k, p.name)
		}
	}
	return nil
}

// fieldsOf says which fields a type takes besides type and req, and which one it can't do without.
var fieldsOf = [numKinds]struct {
	all      []string
	required string
}{
	hello:        {all: []string{"token", "device_id", "activity"}},
	heartbeat:    {all: []string{"activity"}, required: "activity"},
	override:     {all: []string{"override", "expires_at", "expires_in"}, required: "override"},
	status:       {all: []string{"status"}, required: "status"},
	subscribe:    {all: []string{"ids", "with"}, required: "ids"},
	unsubscribe:  {all: []string{"ids"}, required: "ids"},
	query:        {all: []string{"ids", "with"}, required: "req"},
	authenticate: {all: []string{"token"}, required: "token"},
}

// fill reads the values.
func (f *fields) fill(m *message) *wire.Error {
	m.activity = shard.ActivityOnline
	var err error
	if f.Activity != nil {
		if m.activity, err = shard.ParseActivity(*f.Activity); err != nil {
			return badValue(err)
		}
	}
	if f.Token != nil {
		if m.token = *f.Token; m.token == "" {
			return wire.Errorf(wire.BadRequest, "`token` is empty; leave it out, or send one")
		}
	}
	if f.Device != nil {
		m.device, m.hasDevice = *f.Device, true
	}
	if err := f.fillSaying(m); err != nil {
		return wire.FromError(err)
	}
	return f.fillIDs(m)
}

// fillSaying reads what a participant picks, and says of itself.
func (f *fields) fillSaying(m *message) (err error) {
	if f.Override != nil {
		if m.override, err = shard.ParseOverride(*f.Override); err != nil {
			return badValue(err)
		}
		m.until, err = f.ParseOf(m.override, time.Now())
	}
	if s := f.Status.Value; s != nil && err == nil {
		m.status, err = s.Parse(time.Now())
	}
	if f.With.There && err == nil {
		m.with, err = wire.ParseWith(f.With.Items, shard.WithStatus)
	}
	return err
}

func badValue(err error) *wire.Error { return wire.Errorf(wire.BadRequest, "%v", err) }

func (f *fields) fillIDs(m *message) *wire.Error {
	if m.kind != subscribe && m.kind != unsubscribe && m.kind != query {
		return nil
	}
	if len(f.IDs.Items) == 0 {
		return wire.Errorf(wire.BadRequest, "%s needs `ids`, a list with at least one participant id", m.kind)
	}
	m.ids = f.IDs.Items
	return nil
}
