package admit

import (
	"errors"
	"os"
	"syscall"
)

// Pollable makes a file of fd for which a goroutine can wait: an epoll set, or an event.
func Pollable(fd int, name string) (*os.File, syscall.RawConn, error) {
	if err := syscall.SetNonblock(fd, true); err != nil { // so that Go's poller takes it
		return nil, nil, errors.Join(err, syscall.Close(fd))
	}
	f := os.NewFile(uintptr(fd), name)
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, raw, nil
}
