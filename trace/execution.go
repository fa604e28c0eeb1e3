package trace

// An Execution is an execution graph, as memory models of axioms have them, to be shown: what each thread does,
// and how its accesses are related.
type Execution struct {
	Title   string // what it is, in a sentence
	Threads []string
	Rows    []ExecutionRow // thread by thread, in the order of the program; the initial writes come first
	Edges   []ExecutionEdge
	// Broken is the axiom that forbids it, with the steps of its cycle in Edges; empty of one that is allowed.
	Broken string
	// Steps is the cycle in words, a step each.
	Steps []string
}

// An ExecutionRow is an access, or a barrier.
type ExecutionRow struct {
	Thread int    // -1 of an initial write
	Name   string // a letter; empty of what has no edges
	Text   string // the statement
	Does   string // what an access reads or writes
}

// An ExecutionEdge is a relation between two rows.
type ExecutionEdge struct {
	From, To int    // of Rows
	Name     string // rf, co or fr; of a cycle also dependencies and barriers
	Cycle    bool
}
