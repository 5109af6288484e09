// Package tenant keeps participants of tenants apart: one id in two tenants is two participants.
//
//	token, header ─▶ Name ─┬ Participant(id)  ─▶ Participant ─▶ people, hub ─▶ owners
//	path, body, message    └ Participants(ids) ─▶ List ───────▶ people, hub ─▶ owners
//	                                                 │
//	answer ◀── ID ───────────────────────────────────┘
//
// A client knows bare ids, which are strings. The cluster knows inner ones, in which the tenant
// stands in front of the id (shard.InnerID). The way in is a Name, and there is one: what a token
// says, or the header of one that may act for others. The way out is ID.
//
// Packages people and hub, which speak with the cluster, take a Participant or a List and no
// string. So the compiler finds a call that forgot the tenant. It can't find a conversion that
// somebody writes down, such as Participant("ada"): only tests of a package may do that.
//
// Those who belong to no tenant pay nothing. Their inner id is the bare one, the same bytes, and a
// List is the slice that it was made of.
//
// # What it does not do
//
// It doesn't say who may act in which tenant: package auth does.
package tenant
