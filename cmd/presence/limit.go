package main

const (
	unknownOpenFiles = 1024    // where the limit can't be read
	mostOpenFiles    = 1 << 20 // of an unlimited process; more sockets than one machine's memory holds
)

// connectionsFor is how many sockets fit under a limit of open files. The reserve is for what isn't a socket of a client
// that stays: HTTP requests, the admin listener, key files, links to peers. It grows with the limit up to 1,024.
func connectionsFor(openFiles int) int {
	reserve := min(max(openFiles/8, 32), 1024)
	return max(openFiles-reserve, 1)
}
