package host

import "fmt"

// Check verifies what must always hold in every partition.
func (h *Host) Check() error {
	for i := range h.partitions {
		if err := h.check(i); err != nil {
			return fmt.Errorf("partition %d: %w", i, err)
		}
	}
	return nil
}

func (h *Host) check(partition int) error {
	defer h.lock(partition).Unlock()
	p, role := h.partitions[partition], h.tenancies[partition].role
	if p.Warming() && role != Serving {
		return fmt.Errorf("it warms, and is %v", role)
	}
	return p.Check()
}
