package target

import "syscall"

// childAttr puts a server in a process group of its own, so that a Ctrl-C at the terminal reaches only this program, which then stops its
// servers in order.
func childAttr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
