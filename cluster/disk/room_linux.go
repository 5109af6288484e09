package disk

import (
	"errors"
	"syscall"
)

const keepSize = 1 // FALLOC_FL_KEEP_SIZE

// Reserve is part of file.
func (f osFile) Reserve(from, bytes int64) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	failed := raw.Control(func(fd uintptr) {
		for err = syscall.EINTR; errors.Is(err, syscall.EINTR); {
			err = syscall.Fallocate(int(fd), keepSize, from, bytes)
		}
	})
	if errors.Is(err, syscall.EOPNOTSUPP) || errors.Is(err, syscall.ENOSYS) {
		err = errors.ErrUnsupported
	}
	return errors.Join(failed, err)
}
