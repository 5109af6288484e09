package gateway

// memoryFigures are those of the memory for requests.
func (s *Server) memoryFigures() []figure {
	full, over := s.shares.Refused()
	b := s.shares.Budget()
	return []figure{
		gauge("presence_request_memory_bytes", b.Used(),
			"Memory that requests and frames in flight are held to take."),
		gauge("presence_request_memory_limit_bytes", b.Limit(), "How much of it they may take."),
		counterBy("presence_request_memory_refused_total", "limit", map[string]int64{"node": full, "participant": over},
			"Requests and frames refused before they were read: all the memory was taken (node), "+
				"or the participant had its quarter (participant)."),
	}
}
