package gateway

// memoryFigures are those of the memory for requests.
func (s *Server) memoryFigures() []figure {
	full, over := s.shares.Refused()
	b := s.shares.Budget()
	return []figure{
		{name: "presence_request_memory_bytes", help: "Memory that requests and frames in flight are held to take.", kind: gauge, value: b.Used()},
		{name: "presence_request_memory_limit_bytes", help: "How much of it they may take.", kind: gauge, value: b.Limit()},
		{
			name: "presence_request_memory_refused_total", kind: counter, label: "limit",
			help:   "Requests and frames refused before they were read: all the memory was taken (node), or the participant had its quarter (participant).",
			values: map[string]int64{"node": full, "participant": over},
		},
	}
}
