// Command presence-bench measures a presence cluster: see package bench and docs/benchmarks.md.
//
//	main ── signals ──▶ run ── kong ─┬▶ a scenario     ──▶ scenario.Execute ─┬▶ a result file,
//	                                 ├▶ compare …      ──▶ redis.Run, … ─────┘  its figures on stdout
//	                                 └▶ report, diff, plan ──▶ package report
package main
