package admit

// BytesPerID is for how many bytes a body or a frame counts as one id, before anything is known of
// what it holds: what is read and thrown away is work too. An id takes 131 bytes at most unless it is
// written in escapes, so a list of ids never counts more for its bytes.
const BytesPerID = 256
