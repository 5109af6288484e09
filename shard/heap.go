package shard

// heap has the least of its numbers first.
type heap []uint64

func (h *heap) push(v uint64) {
	*h = append(*h, v)
	h.rise(len(*h) - 1)
}

// pop takes the least number out.
func (h *heap) pop() (v uint64) {
	all := *h
	v = all[0]
	last := len(all) - 1
	all[0] = all[last]
	*h = all[:last]
	h.sink(0)
	return v
}

// rise and sink put a number in its place.
func (h heap) rise(i int) {
	for up := (i - 1) / 2; i > 0 && h[i] < h[up]; i, up = up, (up-1)/2 {
		h[i], h[up] = h[up], h[i]
	}
}

func (h heap) sink(i int) {
	for {
		least := i
		for down := 2*i + 1; down <= 2*i+2 && down < len(h); down++ {
			if h[down] < h[least] {
				least = down
			}
		}
		if least == i {
			return
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}
