package e2e

import (
	"os/exec"
	"syscall"
)

// endWithTest makes a process end when the test's does, also when that is killed: what is left
// would keep ports, and a processor busy.
func endWithTest(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
