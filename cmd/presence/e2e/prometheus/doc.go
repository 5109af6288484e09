// Package prometheus holds what a node says of itself against the tools that read it: promtool,
// which knows the rules of names and help, and the Prometheus server with its own idea of formats.
//
//	presence serve ◀── GET /metrics ── promtool check metrics
//	               ◀── scrape, each second, in protobuf ── prometheus ◀── queries of the test
//
// Both are of Debian's package prometheus, which `make prometheus-needs` installs. A test without
// them fails.
//
// What it does not do: say whether a figure is right. Tests of the packages that count do.
package prometheus
