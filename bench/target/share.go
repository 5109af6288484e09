package target

// Share divides cores between the servers and the generator, half and half. An odd one goes to the
// servers. One core or none cannot be divided: both get none, and nothing is pinned.
func Share(cores []int) (servers, generator []int) {
	if len(cores) < 2 {
		return nil, nil
	}
	half := (len(cores) + 1) / 2
	return cores[:half], cores[half:]
}
