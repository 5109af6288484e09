package message

import (
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
)

// AppendStatus writes a status, which may be none.
func AppendStatus(b []byte, s *shard.Status) []byte {
	b = AppendUint16(codec.AppendText(b, s.Emoji), len(s.Text))
	return AppendUint64(append(b, s.Text...), uint64(s.Until))
}

// Status reads what AppendStatus wrote.
func (r *Reader) Status() (s shard.Status) {
	s.Emoji = r.Text()
	s.Text = string(r.Take(int(r.Uint16())))
	s.Until = r.Millis()
	if s != (shard.Status{}) {
		if err := shard.ValidateStatus(s); err != nil {
			r.Failf("%w", err)
		}
	}
	return s
}

// AppendClaims writes claims, after their count.
func AppendClaims(b []byte, all []shard.Claim) []byte {
	b = append(b, byte(len(all)))
	for _, c := range all {
		b = AppendUint64(codec.AppendText(b, c.Source), uint64(c.Until))
	}
	return b
}

// Claims reads what AppendClaims wrote.
func (r *Reader) Claims() (all []shard.Claim) {
	for range int(r.Byte()) {
		all = append(all, shard.Claim{Source: r.Valid(shard.ValidateSource), Until: r.Millis()})
	}
	return all
}

// What sayings have, in one byte.
const (
	hasPublic = 1 << iota // a status that strangers see
	hasInner              // others see another one, or none
	hasUntil
	hasClaims
	hasNothing // any more; no other bit is set then
	unsurePublic
	unsureInner
)

// AppendSayings writes what was said of a participant; nil is one byte.
func AppendSayings(b []byte, s *shard.Sayings) []byte {
	if s == nil {
		return append(b, 0)
	}
	has := Bool(s.PublicStatus != (shard.Status{})) * hasPublic
	has |= Bool(s.InnerStatus != s.PublicStatus) * hasInner
	has |= Bool(s.OverrideUntil != 0)*hasUntil | Bool(len(s.Claims) > 0)*hasClaims
	has |= Bool(s.UnsurePublic)*unsurePublic | Bool(s.UnsureInner)*unsureInner
	has |= Bool(has == 0) * hasNothing
	b = append(b, has)
	if has&hasPublic != 0 {
		b = AppendStatus(b, &s.PublicStatus)
	}
	if has&hasInner != 0 {
		b = AppendStatus(b, &s.InnerStatus)
	}
	if has&hasUntil != 0 {
		b = AppendUint64(b, uint64(s.OverrideUntil))
	}
	if has&hasClaims != 0 {
		b = AppendClaims(b, s.Claims)
	}
	return b
}

// Sayings reads what AppendSayings wrote.
func (r *Reader) Sayings() *shard.Sayings {
	has := r.Byte()
	if has == 0 {
		return nil
	}
	s := &shard.Sayings{UnsurePublic: has&unsurePublic != 0, UnsureInner: has&unsureInner != 0}
	if has&hasPublic != 0 {
		s.PublicStatus = r.Status()
	}
	if s.InnerStatus = s.PublicStatus; has&hasInner != 0 {
		s.InnerStatus = r.Status()
	}
	if has&hasUntil != 0 {
		s.OverrideUntil = r.Millis()
	}
	if has&hasClaims != 0 {
		s.Claims = r.Claims()
	}
	return s
}
