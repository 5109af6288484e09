// Command presence runs a node of a presence cluster, and talks to one from a terminal.
//
//	presence serve            a node: one port for clients, one for operators
//	presence get ID…          states now
//	presence watch ID…        states as they change
//	presence set busy         pick a state by hand: busy, appear_offline, auto
//	presence beat             keep a device online until Ctrl-C
//	presence health           exit status for a container's health check
//	presence version          what was built
//
// # How a setting finds its value
//
//	command line ──▶ environment ──▶ file (serve --config) ──▶ default
//	   cli.go          settings.go       file.go                 defaults.go
//
// The steps:
//
//  1. kong parses the command line against the structs in cli.go and serve.go. Their tags are the
//     only list of flags. The numbers in the tags come from the packages that use them.
//  2. For a flag that isn't on the command line, kong asks settings.go, which looks into the
//     environment, then the file.
//  3. Values from either are checked where they are read, so that a complaint can name the
//     variable, or the file's line.
//  4. check.go looks at the settings together: what contradicts, what would be unsafe.
//  5. node.go puts the node together and runs it.
//
// # What it does beside
//
// keywatch.go follows certificate files and says when one will end. repeats.go keeps lines that
// repeat out of the log, and tells how many they were.
//
// The exit status is 0 for success, 1 for a failure, 2 for a command line that makes no sense.
//
// The package holds no presence logic: it reads settings, connects the layers and prints.
package main
