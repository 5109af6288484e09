package main

import "fmt"

const (
	unknownOpenFiles = 1024    // where the limit can't be read
	mostOpenFiles    = 1 << 20 // of an unlimited process; more sockets than one machine's memory holds
)

// room is how a limit of open files is divided.
//
//	open files
//	├── reserve     the admin listener, links to peers, gossip, keys, data files, refusals
//	└── public      connections of --listen
//	    ├── seats       sockets and event streams
//	    └── the rest    requests, idle connections, and sockets that have not said hello
//
// Strangers fill the rest at most: the seats are for clients that have shown a good token.
type room struct {
	admin     int
	public    int
	seats     int
	greetings int
}

// roomFor divides it. The reserve and the rest grow with the limit up to 1,024 and 8,192.
func roomFor(openFiles int) room {
	reserve := min(max(openFiles/8, 64), max(openFiles/2, 1), 1024)
	public := max(openFiles-reserve, 1)
	rest := min(public/4, 8192)
	return room{
		admin:     max(reserve/4, 1),
		public:    public,
		seats:     public - rest,
		greetings: max(rest/2, 1),
	}
}

// checkRoom refuses more connections than there are files for: they would take those of peers and
// operators.
func checkRoom(connections, openFiles int) error {
	most := roomFor(openFiles).public
	if connections <= most {
		return nil
	}
	return fmt.Errorf("--max-open-connections=%d is more than the %d that a limit of %d open files has room for; "+
		"raise that (ulimit -n, LimitNOFILE=), or leave the flag out",
		connections, most, openFiles)
}
