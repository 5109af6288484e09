// Package timing measures whether time tells who hides. It has only tests.
//
//	turns, shuffled: each person is put into one state, asked about, and put into the next
//
//	hidden    appear_offline, a device is live     ─┐
//	gone      signed out                            ├─▶ samples of each question ─▶ trimmed means
//	control   signed out, too                      ─┘
//
// Beside them are those who are there and have blocked the viewer, and ids that were never seen, a
// new one for each turn.
//
// Each person has written with a number of others: none, a hundred, a thousand, ten thousand. A
// viewer who has written with none of them asks in every way there is, over real sockets, at one
// node and at one of three that doesn't own the person. What it may not tell is hidden from gone,
// or denied from never seen, so the difference of their means must lie within what gone differs
// from control, who are the same; and as the list of those with a window is never walked, many
// windows must cost no more than none.
//
// A change of a person itself can't be compared, as only one of both makes one. What is compared
// instead is how long it takes until a viewer hears of another participant, whose change follows a
// direct message to the person.
//
// # What it does not do
//
// It doesn't look into caches of the processor: a heartbeat warms what a question reads, for less
// than a microsecond. It measures on whatever machine it is run on; a busy one widens what gone
// differs from control, and hides more.
package timing
