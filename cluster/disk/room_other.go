//go:build !linux

package disk

import "errors"

// Reserve is part of file.
func (osFile) Reserve(_, _ int64) error { return errors.ErrUnsupported }
