// Package pasted follows the pages as somebody does who reads them: it pastes each command block,
// whole, into a terminal, goes on to the next, and compares what is printed with what the page says
// is printed.
//
//	README.md, docs/*.md ── blocks, comments ──▶ story ──▶ terminal (bash on a pty) ──▶ presence
//	                                               └── what the page shows ◀── compare ◀─┘
//
// Comments in the pages, which nobody sees who reads them rendered, say what prose says to people:
//
//	<!-- terminal: grace -->   what follows is typed at this terminal, until the next such comment
//	<!-- machine: keys -->     a new machine with a terminal: nothing of what came before runs there
//	<!-- press: fg %1, Ctrl-C -->  keys that the prose has asked for
//	<!-- not run: reason -->       the next block is not run here, for this reason
//	<!-- run by: file -->          the next block is run by the test in this file
//
// A command block without language, or in JSON, after a command block is what it prints; lines that
// begin with a time of day are those of the terminal in which presence watch runs. Times, names of
// nodes and versions may differ. Lines that the page does not have are a failure if they look like
// an answer.
//
// A machine is a network, a mount and a process namespace, which takes root: the pages' ports are
// those of the default. A person takes a minute between two blocks. With PRESENCE_TOOLS=full so
// does the test; without, a minute is a second, heartbeats are as much more frequent, and so is
// what sleeps for 30 s or more. Grace is longer then, for a machine that is busy.
//
// What it does not do: docs/api.md has its examples run by package docs.
package pasted
