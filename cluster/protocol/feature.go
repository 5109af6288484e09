package protocol

// Feature is what clients may ask for once all nodes know it.
type Feature struct {
	Word string // in `features`
	From int    // the first protocol in which it is complete
}

// Statuses is the first protocol in which statuses, ends of overrides and claims travel.
const Statuses = 8

// The words of the features that there are.
const (
	Status     = "status"
	Tenants    = "tenants"
	Visibility = "visibility"
)

// Features are all that this version has, in the order in which clients are told. They are those of
// the wire contract: a word is added when all that belongs to it is done.
var Features = []Feature{{Status, Statuses}, {Visibility, 7}, {Tenants, 7}}

// Words are those of the features that nodes of a protocol know.
func Words(all []Feature, protocol int) []string {
	words := make([]string, 0, len(all))
	for _, f := range all {
		if f.From <= protocol {
			words = append(words, f.Word)
		}
	}
	return words
}
