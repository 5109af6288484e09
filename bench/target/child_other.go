//go:build !unix

package target

import "syscall"

func childAttr() *syscall.SysProcAttr { return nil }
