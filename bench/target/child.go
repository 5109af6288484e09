package target

import (
	"os/exec"
	"syscall"
)

// StartOn starts a server on cores, or on any if there are none. The server has a process group of
// its own: Ctrl-C at the terminal reaches only this program, which then stops its servers in order.
// On Linux the server is killed when this program ends without having stopped it.
func StartOn(cores []int, cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return start(cores, cmd)
}
