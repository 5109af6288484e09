package target

import (
	"os/exec"
	"syscall"
)

// StartOn starts a server on cores; with none, on any. It is in a process group of its own, so that
// a Ctrl-C at the terminal reaches only this program, which then stops its servers in order. On
// Linux it is killed when this program ends without having done so.
func StartOn(cores []int, cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return start(cores, cmd)
}
