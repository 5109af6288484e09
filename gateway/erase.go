package gateway

// deleteParticipant is DELETE /v1/participants/{participant}: an erasure.
func deleteParticipant(c *call) error {
	ctx, cancel := c.writing()
	defer cancel()
	return c.acknowledge(c.s.people.Erase(ctx, c.of))
}
