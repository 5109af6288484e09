// Package shard holds the state: who is there, with which devices, and what others see of it.
//
// A Partition is a deterministic state machine. It has no clock, goroutine, lock, socket or logger:
// the current tick comes in with each call, versions come in as stamps, and what has changed comes
// out as data. So three hours pass in a millisecond, and a failing random test replays from its
// seed. Package host adds what is missing.
//
//	       Announce, Heartbeat, Close, SetOverride, OpenWindow, …     by name
//	                              │
//	           hash of the id     ▼
//	index ────────────▶ participant 16 B ──▶ fact: override, kind, windows (few have one)
//	4-5 B an id               │  ▲   │
//	                   first  │  │   └─────▶ arena: "ada" "phone" "tab"    names, length before each
//	                          ▼  │ link
//	Touch, Report ─▶ device 8 B + 16 B ──▶ next device
//	by handle          ▲
//	                   │ looks at the true deadlines of a participant's devices
//	Advance ─▶ wheel: 256 ticks near, 64 × 256 ticks far; chains through the participants
//
// # The flow
//
//  1. Announce finds or makes the record by name and returns a Ref: slot and generation.
//  2. Touch checks the generation and writes the new deadline. Nothing else: the wheel isn't told.
//  3. When the wheel's slot fires, Advance looks at the true deadline. If it has moved away the
//     participant is filed again, else the device expires.
//  4. Whatever may change how a participant looks compares its look before and after. If it
//     differs, a Change waits for TakeChanges. Contradicting devices thus converge, and then are
//     silent.
//  5. What a viewer sees is decided by shown and look.see, of one participant and one viewer. If
//     the partition may not know, it says so itself: the state is Unknown. See doubt.go.
//  6. The pair may have an exception, such as an open window. That is looked up by hash, whether it
//     matters or not, and reported when it begins and ends. So nothing takes longer for a
//     participant that hides. See exception.go.
//
// # Memory
//
// Millions of participants must not cost the garbage collector anything, so there is no pointer in
// a record: slots in slices, links between slots, names in an arena. What a heartbeat by handle
// needs (generation and deadline, eight bytes) lies apart from the rest of the device. The names of
// a participant and its devices stand in a row, so a device has no offset of its own and a
// heartbeat by name reads one place. Slices grow by a 128th. Names are moved together when a
// thirty-second of the arena is dead and it would have to grow, or when half is; slots are numbered
// anew when three quarters are free.
//
// # What keeps it right
//
//   - Overrides, kinds, sign-outs and windows are facts: each has a version (windows: the time of
//     the message), the higher one wins, and `auto` and `human` are values like the others,
//     remembered for a day.
//   - An erasure is a fact, too, by hashes of an id: it beats all that isn't newer, of the
//     participant and of the windows with it, wherever that turns up for a week. It makes no record
//     by name. See erase.go.
//   - Expiry isn't a fact. It has no version and is never merged; a device that is live in either
//     of two accounts is live.
//   - A sign-out stays as a record until no snapshot older than it can be under way, and refuses
//     every session up to its own.
//   - A session is the version of the hello that took a device. A lower one is answered Replaced
//     and changes nothing, so a half-open socket can neither keep nor sign out the device of a live
//     one.
//   - A handle is stale as soon as its device expires, lingers, is signed out or taken, or the slot
//     serves another one. A generation that would wrap becomes 0, which fits no handle: the slot
//     retires.
//   - Remaining times in a snapshot count once for each snapshot id, so that a repeated one extends
//     no life.
//
// # Beyond the design
//
// The plan had a wheel entry per device. Here it is per participant, at the earliest of its
// devices' ends: that is four bytes instead of eight for everybody with two devices, and the wheel
// visits each person once. A linger ends earlier than what is filed; since all lingers last equally
// long they wait in a queue of their own, already sorted. Nobody is filed further ahead than one
// deadline, so a device that joins finds its participant filed early enough.
//
// A device that has expired keeps its record for last_seen, unless another one was seen later.
//
// # Copies
//
// A partition can be followed: its transitions become records (TakeRecords), which a copy on
// another node, or a disk, takes in with Apply. A copy answers, but no device expires in it:
// heartbeats make no record. Promote makes it serve, and gives each device a full deadline. Lapse
// makes it what a stopped cluster left: no device is live, all that was said stands. See mirror.go.
//
// # What it does not do
//
// It doesn't know which node owns it, who watches, or what time it is. It trusts its caller with
// ids: they have been validated (ValidateParticipant, ValidateDevice). It doesn't persist anything.
package shard
