package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// What Trouble, Sync and Open wrap. Test with errors.Is.
var (
	ErrNoSpace = errors.New("disk: no space left")
	ErrGone    = errors.New("disk: deleted or replaced while in use")
	ErrSlow    = errors.New("disk: too slow")
	ErrBehind  = errors.New("disk: being written anew after a failure")
	ErrLocked  = errors.New("disk: the directory is in use by another process") // Open alone
)

// isFull reports whether an error is about room.
func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }

// hinted adds to an error of the directory what would be right.
func hinted(err error) error {
	switch {
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: it must be on a file system that is mounted for writing", err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: the user that runs this process must be able to read and write there", err)
	case errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%w: it must be a directory", err)
	}
	return err
}
