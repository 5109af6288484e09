package shard

import (
	"fmt"
	"strings"
)

// The id of a participant that belongs to a tenant has the tenant in front, between two marks. No
// client can say such an id: the mark is a control character. A participant of no tenant has no
// mark, so its inner id is the one that clients know.
//
//	"ada"                   ada, of no tenant
//	"\x1facme\x1fada"       ada of acme

// MaxTenant is the longest name of a tenant, in bytes; MaxInnerID that of an inner id, which fits
// into a text whose length is one byte.
const (
	MaxTenant  = 64
	MaxInnerID = len(tenantMark) + MaxTenant + len(tenantMark) + MaxParticipantID
)

const tenantMark = "\x1f"

// ValidateTenant says what is wrong with the name of a tenant, or nil. The empty name is none: it
// stands for those who belong to no tenant.
func ValidateTenant(name string) error { return validate("tenant", name, MaxTenant) }

// InnerID is the id by which owners know a participant of a tenant. Both are valid; without a
// tenant it is the id itself.
func InnerID(tenant, id string) string {
	if tenant == "" {
		return id
	}
	return tenantMark + tenant + tenantMark + id
}

// SplitInnerID takes apart what InnerID made.
func SplitInnerID(inner string) (tenant, id string) {
	if !HasTenant(inner) {
		return "", inner
	}
	tenant, id, _ = strings.Cut(inner[len(tenantMark):], tenantMark)
	return tenant, id
}

// HasTenant reports whether an inner id is of a tenant's participant.
func HasTenant[T string | []byte](inner T) bool { return len(inner) > 0 && inner[0] == tenantMark[0] }

// ValidateInnerID says what is wrong with an id from another node or a disk, or nil. What clients
// say is for ValidateParticipant: they know of no tenants.
func ValidateInnerID(inner string) error {
	if !HasTenant(inner) {
		return ValidateParticipant(inner)
	}
	tenant, id, found := strings.Cut(inner[len(tenantMark):], tenantMark)
	if !found {
		return fmt.Errorf("%w: participant id begins with a tenant that has no end", ErrInvalidID)
	}
	if err := ValidateTenant(tenant); err != nil {
		return err
	}
	return ValidateParticipant(id)
}
