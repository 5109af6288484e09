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
//	index ──────────▶ person 20 B + 8 B ──▶ fact (few): override, kind ─▶ list: cells
//	5 B an id         participant and      │
//	                  its first device     └─▶ arena: "ada" "phone" "tab"
//	                          │  ▲
//	                     link │  │ after the last
//	                          ▼  │
//	Touch, Report ─▶ other device 16 B + 8 B ──▶ next device
//	by handle          ▲
//	                   │ looks at the true deadlines of a participant's devices
//	Advance ─▶ wheel: a heap for the next 128 ticks, 16 × 128 ticks far; 4-5 B a participant
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
//     participant that hides. See trust.go.
//
// # Memory
//
// Millions of participants must not cost the garbage collector anything, so there is no pointer in
// a record: slots, links between slots, names in an arena. What a heartbeat by handle needs
// (generation and deadline, eight bytes) lies apart from the rest of the device. The names of a
// participant and its devices stand in a row, so a device has no offset of its own and a heartbeat
// by name reads one place.
//
// Records lie in pages of 512, names in pages of 16 KiB. Partitions share them: a Memory is that of
// all partitions that one lock guards. A million people are 244 to each of 4,096 partitions, whose
// own arrays of 1 to 12 KB lost 20 bytes a participant to the allocator's sizes. So slots are
// numbered across a Memory, and a partition finds its own by its index. Nothing is copied to grow.
// What of the arrays of a partition is left is its index.
//
// With one device a participant takes 38 bytes for ids of 24 and 12 bytes, 20 + 8 for the records,
// 5 in the index and 5 in the wheel: 76. Eight bytes went out of the records, and four came back in
// the wheel:
//
//   - the first device has its participant's slot: no link to it, and none back;
//   - an offset of names is in the fact, if there is one, and the fact's slot in its place;
//   - the chain of the wheel is an array of slots in small pieces. Its things can be asked for
//     together, and no link has to be followed through the memory of all participants.
//
// Who loses the first device while another stays keeps its place, 24 bytes, for as long.
//
// Few say anything of themselves, so nothing of those who do is in their records: an index has the
// first of a participant's statements (9 bytes), and each takes 40 and its words. A status takes 51
// bytes more than its text, 60 with an end. Who asks about a state reads nothing of it but a bit
// that says that a claim is live.
//
// A participant with exceptions has a list, and in one block of memory a cell of 16 bytes for each,
// in the order of the viewers' hashes (cell.go). A block grows by a third or a half. A window has a
// record, too, and so has a block, as their viewers' names must be known. The hashes are keyed:
// they are spread evenly, and a cell is where its hash says, give or take a few.
//
// The lowest free slot is taken first, and an empty page is given back at once. If three quarters
// of the slots are free, each partition moves its participants to the first pages. Names are moved
// out of the pages with the most dead ones when a thirty-second of the arena is dead and it would
// have to grow, or out of all when half is.
//
// # What keeps it right
//
//   - Overrides, kinds, sign-outs, windows, edges, blocks and visibilities are facts: each has a
//     version (windows: the time of the message), the higher one wins, and `auto`, `human` and an
//     edge that is forgotten are values like the others, remembered for a day. Of one version the
//     stricter wins. Of a participant that forgets more in a day than it may have exceptions, so
//     many of the latest are remembered.
//   - An erasure is a fact, too, by hashes of an id: it beats all that isn't newer, of the
//     participant and of the windows with it, wherever that turns up for a week. It makes no record
//     by name. See erase.go.
//   - What this version doesn't know is a fact by its version alone: see below, "Facts of versions
//     to come".
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
// # Statements
//
// A status, a claim, the end of an override and an availability are statements. Each is a fact: it
// has a version, merges in any order, and leaves a stone that is remembered for a day. It travels
// as a fact that the version before keeps as it is (opaque.go), so a node of that loses nothing.
//
//	kind           key      words                        file
//	status         -        emoji, text                  status.go
//	stood          -        likewise                     stood.go
//	pick           -        when the run of picks began  pick.go
//	availability   -        -                            availability.go
//	claim          source   the source                   claim.go
//
// They count towards what a partition may weigh, as exceptions do: see weight.go.
//
// What strangers see of who hides is a statement of its own, so that it needs no order of merging:
// see stood.go. It is the latest status at first, and then has no record of its own.
//
// Ends are in a heap with the ends of edges (ends.go). An end is not a new fact: it follows from
// the fact and a clock. Two rules about clocks:
//
//   - An end is a time by the wall clock of the owner, and follows that clock when it is set. It
//     comes a tick late at most. A device's deadline moves by a gap in which the process stood
//     still: it could not be heard. An end doesn't: who is busy until three is not so at a quarter
//     past.
//   - Nodes' clocks differ, and the owner's counts. When something ends there, it is marked as
//     over, with the version that it has, and the mark goes to the copy. So a copy whose clock is
//     behind doesn't bring it back when it is promoted. A copy that the owner could not tell any
//     more ends it by its own clock.
//
// An override that is over is auto, with the version that it had. Otherwise a copy that knows it as
// busy would have the stricter value of one version, and win.
//
// # Beyond the design
//
// The plan had a wheel entry per device. Here it is per participant, at the earliest of its
// devices' ends: the wheel visits each person once. A linger ends earlier than what is filed; since
// all lingers last equally long they wait in a queue of their own, already sorted. Nobody is filed
// further ahead than one deadline, so a device that joins finds its participant filed early enough.
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
// # Facts of versions to come
//
// A newer version has facts that this one doesn't know. They come in a form that was fixed before
// (opaque.go), so they are kept as they are and passed on: to the backup, to the disk, to the next
// owner. Nobody is shown in another way for one. Who has none costs nothing: a partition has a
// pointer for all of them. A participant with some takes about 50 bytes, and each fact 48 and its
// text: 32 facts of 1.3 KB at most.
//
// # What it does not do
//
// It doesn't know which node owns it, who watches, or what time it is. It trusts its caller with
// ids: they have been validated (ValidateInnerID, ValidateDevice). It doesn't persist anything. It
// knows no tenants: a participant of one is another id (InnerID).
package shard
