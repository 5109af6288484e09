//go:build unix

package main

import "syscall"

// openFiles is how many files this process may have open. Go has already raised the soft limit to
// the hard one when it started, so that is what is read here.
func openFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return unknownOpenFiles
	}
	return int(min(limit.Cur, mostOpenFiles))
}
