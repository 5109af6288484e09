package target

// Share divides cores between servers and the generator, half and half; an odd one goes to the
// servers. One core or none cannot be divided: both get nothing, which is no pinning.
func Share(cores []int) (servers, generator []int) {
	if len(cores) < 2 {
		return nil, nil
	}
	half := (len(cores) + 1) / 2
	return cores[:half], cores[half:]
}
