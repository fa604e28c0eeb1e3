package explore

// RunMachine searches the states of a machine, for tests that choose the room of its store buffers.
var RunMachine = searchMachine

// Watch is a progress for tests: seen is told of every phase, and how many transitions the one before took.
func Watch(seen func(phase string, transitions uint64)) *Progress {
	p := &Progress{}
	p.seen = func(phase, _ string) { seen(phase, p.trans.Load()) }
	return p
}

// EndsAfter is EndsOf, with so many states expanded one step at a time.
var EndsAfter = endsOf
