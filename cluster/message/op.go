package message

// The operations: what nodes ask of each other, by the class of connection. A number that is in use
// never changes, and one that was in use never means anything else.
const (
	// Hot calls.
	OpAttach byte = iota + 1
	OpAnnounce
	OpFlip
	OpDetach
	OpGoodbye
	OpSignOut
	OpOverride
	OpKind
	OpWindow
	OpInspect
	OpStates
	OpHeartbeats
	// Hot pushes.
	OpBeats      // to the owner: items of BeatSize
	OpExceptions // from the owner: items of ExceptionSize
	// Events: calls and pushes of a gateway.
	_
	OpUnwatch
	// Events: pushes of an owner.
	_
	OpEviction
	OpMoved
	// Bulk calls.
	OpHoldings
	OpTake
	OpReplicate
	OpSettled
	OpBehind
	// Hot calls that came later.
	OpFigures
	_
	// Calls of every class.
	OpOnward // to be passed on: name of a node, milliseconds, op, payload
	OpPassed // passed on: op, name of the node that asks, payload
	// Hot calls that came later still.
	OpDisk // what is wrong with the asker's disk
	OpRest // a device whose socket only answers pings
	// Of erasures: hot calls, and bulk ones.
	OpErase
	OpStrike   // forget what is there of erased participants
	OpErasures // bulk: those that are remembered
	OpAccount  // bulk: all that is known of a participant
	// What a gateway and an owner say to each other of what is watched.
	OpWatchTrusts
	OpGlimpseTrusts // OpWatchTrusts without the watching
	OpTrusts
	// Hot calls that came with those.
	OpEdges
	OpBlock
	OpVisibility
	OpRoom      // whether there is room for a window
	OpVisibleTo // bulk: the visibility and the blocks of a participant
	// A hot call that came later still.
	OpSockets // of which devices of a participant a gateway has the sockets, and until when it is in doubt
	// Hot calls about what a backend says of viewers.
	OpForget        // what it has said
	OpTies          // what a viewer has with many participants
	OpJudgedStates  // OpStates with its word on each
	OpJudgedInspect // OpInspect likewise
	// For nodes that know of statuses: what was there before, with what was said beside a state.
	OpWatchSayings
	OpGlimpseSayings
	OpSayings // OpTrusts
	OpRecord  // OpJudgedInspect
	OpHeld    // OpAccount
	OpRecall  // OpAnnounce
	// Hot calls that came with those.
	OpStatuses // OpJudgedStates
	OpStatus
	OpClaim
	OpPick     // OpOverride with an end
	OpRegister // OpKind with an availability
)

// A heartbeat on a link is partition, slot, generation and the gateway's token. One that didn't
// count is answered with token and outcome.
const (
	BeatSize      = 2 + 4 + 4 + 4
	ExceptionSize = 4 + 1
)
