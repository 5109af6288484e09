package gateway

import (
	"fmt"
	"sync/atomic"

	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// MaxMetricsTenants is how many tenants may have figures of their own, three series each.
const MaxMetricsTenants = 256

// CheckMetricsTenants refuses names that are no tenants, and too many of them.
func CheckMetricsTenants(names []string) error {
	if len(names) > MaxMetricsTenants {
		return fmt.Errorf("gateway: %d tenants with metrics of their own; the limit is %d",
			len(names), MaxMetricsTenants)
	}
	for _, name := range names {
		if err := shard.ValidateTenant(name); err != nil {
			return fmt.Errorf("gateway: metrics of tenant %q: %w", name, err)
		}
	}
	return nil
}

// tenantMeters count what callers of some tenants do: of those alone whom the configuration names.
// A label that clients choose would grow without end.
type tenantMeters map[tenant.Name]*tenantMeter

type tenantMeter struct{ requests, refused atomic.Int64 }

func newTenantMeters(names []string) tenantMeters {
	m := make(tenantMeters, len(names))
	for _, name := range names {
		m[tenant.Name(name)] = new(tenantMeter)
	}
	return m
}

// count notes the answer to a request.
func (m tenantMeters) count(in tenant.Name, status int) {
	meter := m[in]
	if meter == nil {
		return
	}
	meter.requests.Add(1)
	if status >= 400 {
		meter.refused.Add(1)
	}
}

// tenantFigures are none without --metrics-tenants.
func (s *Server) tenantFigures() []figure {
	if len(s.tenants) == 0 {
		return nil
	}
	requests, refused := make(map[string]int64), make(map[string]int64)
	for name, meter := range s.tenants {
		requests[string(name)], refused[string(name)] = meter.requests.Load(), meter.refused.Load()
	}
	return []figure{
		counterBy("presence_tenant_requests_total", "tenant", requests,
			"HTTP requests of callers in a tenant that --metrics-tenants names."),
		counterBy("presence_tenant_refused_total", "tenant", refused, "Of these, refused ones."),
		gaugeBy("presence_tenant_sockets", "tenant", s.sockets.OfTenants(),
			"Open WebSockets of a tenant that --metrics-tenants names, from their hello on."),
	}
}
