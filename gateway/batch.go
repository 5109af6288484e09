package gateway

import (
	"context"
	"strconv"

	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
)

// batch carries out a list of items T, each by itself, as calls C of the cluster. It is memory that
// requests use one after another.
type batch[T, C any] struct {
	list   wire.Batch[T]
	calls  []C     // the items that are well-formed
	places []int   // where they are in the list
	errs   []error // of the calls
	all    []error // of the items
}

// run checks the items and makes the calls for the good ones; all then says how each item went. If
// there is no memory for the others no call is made.
func (b *batch[T, C]) run(
	ctx context.Context, c *call, parse func(*T, tenant.Name) (C, error), do func(context.Context, []C, []error),
) error {
	n := len(b.list.Items)
	b.calls, b.places = b.calls[:0], b.places[:0]
	b.all = sized(b.all, n)
	for i := range b.list.Items {
		if wrong := b.list.Wrong[i]; wrong != nil {
			b.all[i] = wrong
			continue
		}
		call, err := parse(&b.list.Items[i], c.tenant())
		b.all[i] = err
		if err == nil {
			b.calls, b.places = append(b.calls, call), append(b.places, i)
		}
	}
	if err := c.roomForItems(n, n-len(b.calls)); err != nil {
		return err
	}
	b.errs = sized(b.errs, len(b.calls))
	do(ctx, b.calls, b.errs)
	for i, place := range b.places {
		b.all[place] = b.errs[i]
	}
	return nil
}

// sized returns s with length n and zero values.
func sized[E any](s []E, n int) []E {
	if n > cap(s) {
		return make([]E, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// check refuses a list that is missing or too long.
func (b *batch[T, C]) check(name string) error {
	if !b.list.There {
		return wire.Errorf(wire.BadRequest, "%s is missing; it must be an array of up to %d items", name, b.list.Max)
	}
	if b.list.TooLong() {
		return wire.Errorf(wire.TooManyItems,
			"more than %d items in one request, which is the limit; send them in parts",
			b.list.Max)
	}
	return nil
}

// report answers how each item of a batch went.
func (c *call) report(errs []error) error {
	rejected := 0
	for _, err := range errs {
		if err != nil {
			rejected++
		}
	}
	b := append(c.out[:0], `{"accepted":`...)
	b = strconv.AppendInt(b, int64(len(errs)-rejected), 10)
	b = append(b, `,"rejected":[`...)
	start := len(b)
	for i, err := range errs {
		if err == nil {
			continue
		}
		if len(b) > start {
			b = append(b, ',')
		}
		b = c.appendRejected(b, i, wire.FromError(err))
	}
	c.out = append(b, `]}`...)
	return c.json(c.out)
}

func (c *call) appendRejected(b []byte, index int, e *wire.Error) []byte {
	c.s.metrics.rejected(e.Code)
	b = append(b, `{"index":`...)
	b = strconv.AppendInt(b, int64(index), 10)
	b = append(b, `,"code":`...)
	b = wire.AppendString(b, string(e.Code))
	b = append(b, `,"message":`...)
	b = wire.AppendString(b, e.Detail)
	return append(b, '}')
}

// keep leaves the batch to the next request, unless it has grown large, and without what points
// into texts. A batch that was refused halfway is the collector's.
func (b *batch[T, C]) keep(put func(any)) {
	if cap(b.list.Items) > keptItems {
		return
	}
	clear(b.list.Items)
	clear(b.calls)
	put(b)
}

// keptItems is the largest batch whose memory is used again: so many heartbeats are keptBytes.
const keptItems = keptBytes / 48
