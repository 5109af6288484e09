package shard

// Availability is how the state of an AI participant is made.
type Availability uint8

// The availabilities. AvailabilityUnset means Always, or, where one is set, that it stays.
const (
	AvailabilityUnset Availability = iota
	Always
	UntilSilent // by its devices, like a person's
)

var availabilityNames = [...]string{"", "always", "heartbeat"}

func (a Availability) String() string { return nameOf(availabilityNames[:], uint8(a), "Availability") }

// ParseAvailability reads "always" or "heartbeat".
func ParseAvailability(s string) (Availability, error) {
	i, err := parseName(availabilityNames[1:], s, "availability")
	return Availability(i + 1), err
}
