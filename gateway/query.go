package gateway

import (
	"net/url"
	"strings"

	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// asked is which participants a request is about, and through whose eyes.
type asked struct {
	ids    []string
	viewer *string  // as sent; nil: not sent
	with   []string // what is asked for besides states, as sent; nil: not sent
	public *string  // as sent; nil: not sent
}

// parseQuery reads a query string that may hold the named parameters and no others. It stops at
// maxIDs+1 ids, so that a line of commas costs no more than it must.
func parseQuery(raw string, ids []string, maxIDs int, known []string) (asked, error) {
	q := asked{ids: ids[:0]}
	for raw != "" && len(q.ids) <= maxIDs {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}
		if err := q.add(pair, maxIDs, known); err != nil {
			return q, err
		}
	}
	if len(q.ids) == 1 && q.ids[0] == "" {
		q.ids = q.ids[:0] // "ids=": an empty list, where "ids=a," is a list with an empty id
	}
	return q, nil
}

func (q *asked) add(pair string, maxIDs int, known []string) error {
	rawName, rawValue, _ := strings.Cut(pair, "=")
	name, err := unescape(rawName)
	if err != nil {
		return err
	}
	if err := checkParameter(name, known); err != nil {
		return err
	}
	value, err := unescape(rawValue)
	if err != nil {
		return err
	}
	switch name {
	case "ids":
		q.split(value, maxIDs)
		return nil
	case "with":
		q.addWith(value)
		return nil
	case "public":
		return once(&q.public, name, value)
	default:
		return once(&q.viewer, name, value)
	}
}

// once takes the value of a parameter that may be there once.
func once(into **string, name, value string) error {
	if *into != nil {
		return wire.Errorf(wire.BadRequest, "query parameter %s is there twice", name)
	}
	*into = &value
	return nil
}

// addWith adds the words of one parameter, which may be there several times as ids may. Of too many
// it keeps enough to be refused.
func (q *asked) addWith(value string) {
	if len(q.with) <= wire.MostWith {
		q.with = append(q.with, strings.SplitN(value, ",", wire.MostWith+1)...)
	}
}

func unescape(raw string) (string, error) {
	s, err := url.QueryUnescape(raw)
	if err != nil {
		return "", wire.Errorf(wire.BadRequest, "query string: %v; a percent sign is written %%25", err)
	}
	return s, nil
}

func checkParameter(name string, known []string) error {
	for _, k := range known {
		if k == name {
			return nil
		}
	}
	if len(known) == 0 {
		return wire.Errorf(wire.BadRequest, "unknown parameter %.40q; this call takes none", name)
	}
	return wire.Errorf(wire.BadRequest, "unknown parameter %.40q; this call takes %s", name,
		strings.Join(known, " and "))
}

// split adds the ids of one parameter.
func (q *asked) split(value string, maxIDs int) {
	for more := true; more && len(q.ids) <= maxIDs; {
		var id string
		id, value, more = strings.Cut(value, ",")
		q.ids = append(q.ids, id)
	}
}

// checkIDs refuses lists that are empty or too long, and ids that are none.
func checkIDs(ids []string, maxIDs int) error {
	if len(ids) == 0 {
		return wire.Errorf(wire.BadRequest, "ids is missing or empty; name 1 to %d participants", maxIDs)
	}
	if len(ids) > maxIDs {
		return wire.Errorf(wire.TooManyIDs, "more than %d ids in one request, which is the limit; duplicates count",
			maxIDs)
	}
	for i, id := range ids {
		if err := shard.ValidateParticipant(id); err != nil {
			return wire.Errorf(wire.InvalidID, "ids, item %d: %s", i, wire.FromError(err).Detail)
		}
	}
	return nil
}

// viewerOf decides through whose eyes the caller sees. Empty: a stranger's.
func (c *call) viewerOf(q *asked) (tenant.Participant, error) {
	switch {
	case q.viewer != nil && !c.who.Service:
		return "", wire.Errorf(wire.Forbidden, "asking as a viewer needs the scope presence:service")
	case q.viewer != nil:
		return c.tenant().Participant(*q.viewer), named("viewer", shard.ValidateParticipant(*q.viewer))
	case c.who.Service:
		return "", nil
	default:
		return c.who.Participant, nil
	}
}

// named puts the place of a bad id before what is wrong with it.
func named(place string, err error) error {
	if err == nil {
		return nil
	}
	e := wire.FromError(err)
	return wire.Errorf(e.Code, "%s: %s", place, e.Detail)
}
