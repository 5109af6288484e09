package main

import (
	"runtime"
	"runtime/debug"
	"testing"
)

// TestWhatIsSpare: what has been given back once isn't worth another collection.
func TestWhatIsSpare(t *testing.T) {
	const size = 64 << 20
	debug.FreeOSMemory()
	b := make([]byte, size)
	for i := range b {
		b[i] = 1
	}
	runtime.GC()
	if living, resident := heap(); living < size || resident < living || isSpare(living, living) {
		t.Errorf("with %d bytes in use: %d live, %d resident", size, living, resident)
	}
	runtime.KeepAlive(b)
	b = nil
	runtime.GC()
	if living, resident := heap(); !isSpare(living, resident) {
		t.Errorf("%d live, %d resident: nothing is spare", living, resident)
	}
	debug.FreeOSMemory()
	if living, resident := heap(); isSpare(living, resident) {
		t.Errorf("%d live, %d resident: still something is spare", living, resident)
	}
}
