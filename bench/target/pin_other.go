//go:build !linux

package target

import (
	"errors"
	"os/exec"
)

// Cores returns nil: nothing can be pinned here.
func Cores() []int { return nil }

// start starts cmd on any core.
func start(_ []int, cmd *exec.Cmd) error { return cmd.Start() }

// PinSelf returns an error.
func PinSelf([]int) error { return errors.New("target: cores can be chosen on Linux only") }
