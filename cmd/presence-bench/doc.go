// Command presence-bench measures a presence cluster: see package bench and docs/benchmarks.md.
//
//	main ── signals ──▶ run ── kong ──▶ a scenario ──▶ scenario.Execute ──▶ the result: a file, and its figures on stdout
package main
