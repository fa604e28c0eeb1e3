package machine

// Bytes is the memory of what the chooser remembers.
func (c *Chooser) Bytes() uint64 {
	n := uint64(8 * (cap(c.met) + cap(c.leads)))
	if c.step != nil {
		n += c.step.Bytes()
	}
	return n
}
