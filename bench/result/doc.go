// Package result is the file that keeps a run of presence-bench: what was run, where, and what came
// out.
//
//	scenario ──▶ Result ──Write──▶ steady.json ──Read──▶ report, diff, plan
//
// A file has everything that is needed to believe or to doubt its figures: the machine and the
// commit, the settings, which part was warm-up, the load that was offered beside the load that was
// achieved, errors by kind, and what each process used, the generator included. Notes say, for
// people, what limits a figure.
//
// The first field is the version. Read refuses a version or a field that it does not know: a file
// that is half understood gives wrong comparisons.
package result
