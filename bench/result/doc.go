// Package result is the file in which a run of presence-bench is kept: what was run, where, and
// what came out.
//
//	scenario ──▶ Result ──Write──▶ steady.json ──Read──▶ report, diff, plan
//
// A file says everything that is needed to believe or to doubt its figures: the machine and the
// commit, the settings, which part was warm-up, the load that was offered beside the load that was
// achieved, errors by kind, and what each process used, the generator included. What limits a
// figure is in Notes, for people.
//
// The first field is the version. Read refuses a version that it does not know, and fields that it
// does not know: a file that is understood by half gives wrong comparisons.
package result
