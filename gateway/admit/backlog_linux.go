package admit

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// backlogFills reports whether over three quarters of the kernel's backlog of l are taken. Of a
// socket that listens TCP_INFO tells so in two fields of other names.
func backlogFills(l net.Listener) bool {
	sc, ok := l.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	var info *unix.TCPInfo
	_ = raw.Control(func(fd uintptr) { info, _ = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO) })
	return info != nil && 4*info.Unacked > 3*info.Sacked
}
