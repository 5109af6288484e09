package contest

import (
	"cmp"
	"fmt"
)

// Within returns an error unless the value of a flag is in bounds.
func Within[T cmp.Ordered](flag string, is, low, high T) error {
	if is < low || is > high {
		return fmt.Errorf("--%s is %v; it must be %v to %v", flag, is, low, high)
	}
	return nil
}
