//go:build !linux || !(amd64 || arm64 || riscv64 || loong64)

package socket

// sendNow leaves everything to a writer.
func sendNow(uintptr, []byte) int { return 0 }
