// Package compat builds the node of the release before, so that tests can have both in one cluster.
//
//	base ─▶ git archive ─▶ a folder of the user's cache ─▶ go build ─▶ presence
//
// The file base names a commit of this repository by its hash: the release before the next one. It
// is changed in the commit that follows a release. Its node is built once for each hash.
//
// A checkout without that commit, such as a tarball or a shallow clone, can't build it. That is
// ErrNoHistory: tests skip themselves then, and say so.
//
// What is tested with it is TestUpgrade in cmd/presence/e2e/many; make compat runs it alone.
package compat
