package shard

import "fmt"

// State is what a viewer sees of a participant.
type State uint8

// The states, from "cannot tell" to "hiding". Unknown is never stored; it stands for an owner that
// did not answer.
const (
	Unknown State = iota
	Offline
	Idle
	Online
	Busy
	AppearOffline
)

var stateNames = [...]string{"unknown", "offline", "idle", "online", "busy", "appear_offline"}

func (s State) String() string { return nameOf(stateNames[:], uint8(s), "State") }

// doubted is what is told of a state while absence isn't known, and unless it is known, nothing is.
func (s State) doubted(known bool) State {
	if s == Offline || !known {
		return Unknown
	}
	return s
}

// Activity is what a device reports by itself.
type Activity uint8

// The activities in order of wakefulness: the most awake device makes the state.
const (
	ActivityIdle Activity = iota
	ActivityOnline
)

var activityNames = [...]string{"idle", "online"}

func (a Activity) String() string { return nameOf(activityNames[:], uint8(a), "Activity") }

// ParseActivity reads "online" or "idle".
func ParseActivity(s string) (Activity, error) {
	i, err := parseName(activityNames[:], s, "activity")
	return Activity(i), err
}

// Override is what a person picks by hand; it holds until changed.
type Override uint8

// The overrides. OverrideAuto is a value with a version like the others, not an absence.
const (
	OverrideAuto Override = iota
	OverrideBusy
	OverrideAppearOffline
)

var overrideNames = [...]string{"auto", "busy", "appear_offline"}

func (o Override) String() string { return nameOf(overrideNames[:], uint8(o), "Override") }

// ParseOverride reads "auto", "busy" or "appear_offline".
func ParseOverride(s string) (Override, error) {
	i, err := parseName(overrideNames[:], s, "override")
	return Override(i), err
}

// Kind is what a participant was registered as.
type Kind uint8

// The kinds. KindUnset means never registered: the id's prefix decides.
const (
	KindUnset Kind = iota
	KindHuman
	KindModel
	KindHelper
)

var kindNames = [...]string{"", "human", "model", "helper"}

func (k Kind) String() string { return nameOf(kindNames[:], uint8(k), "Kind") }

// ParseKind reads "human", "model" or "helper".
func ParseKind(s string) (Kind, error) {
	i, err := parseName(kindNames[1:], s, "kind")
	return Kind(i + 1), err
}

func nameOf(names []string, i uint8, kind string) string {
	if int(i) < len(names) {
		return names[i]
	}
	return fmt.Sprintf("%s(%d)", kind, i)
}

func parseName(names []string, s, what string) (int, error) {
	for i, n := range names {
		if n == s {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%s must be one of %q, not %.40q", what, names, s)
}
