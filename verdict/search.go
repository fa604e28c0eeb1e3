package verdict

import (
	"math"

	"ctcheck/model"
)

// A Search is what the engine of searches says of its own: how it went about it, and what it cost.
type Search struct {
	Order     string // in which states were visited: "bfs", "dfs", or [RandomWalks]
	Store     string // how the states visited were remembered: "exact", or a lossy store
	Seed      uint64 // of the hash functions of a lossy store, or of random walks
	Walks     uint64 // how many random walks there were
	Uncounted bool   // of random walks: there were more states than were counted
	Estimate  *Estimate
	Bytes     uint64 // memory of the state set at the end
	StateBits int    // bits in use of a packed state
	// Layers is, of a breadth-first search from the start, how many states are so many steps away. Of one that was
	// cut the last figure is too low.
	Layers []uint64
	// BufferSizes is the most stores that wait in the buffer of each CPU, where the memory model has buffers.
	BufferSizes []int
	// Reduced is what became of the reductions that were asked for. The figures are those of the
	// reduced graph.
	Reduced    []Reduced
	Checkpoint string // the file that has where the search stands; empty if there is none
	Resumed    string // the file that the search went on from
	// CheckpointErr says why the last checkpoint could not be written.
	CheckpointErr error
}

// RandomWalks is the order of a simulation: no order, and no end.
const RandomWalks = "random"

// ExactStore is the name of the store that remembers all of every state.
const ExactStore = "exact"

// An Estimate says what a lossy store may have missed. It rests on hash functions that spread the
// states as chance would.
type Estimate struct {
	// Omitted is the expected number of states that the search came to and took for others. What can be
	// reached by way of these only is not counted.
	Omitted float64
	// Probability is that of at least one such state: 1-exp(-Omitted), as such states are rare and
	// independent.
	Probability float64
}

// EstimateOf is the estimate for so many expected omissions.
func EstimateOf(omitted float64) *Estimate {
	return &Estimate{Omitted: omitted, Probability: -math.Expm1(-omitted)}
}

// A Reduced is what became of one reduction.
type Reduced struct {
	Name    string         // "symmetry" or "por"
	Classes [][]*model.CPU // of symmetry: the classes of interchangeable CPUs
	// StandFor is, of symmetry, the number of states that the stored ones stand for: without another
	// reduction, as many as would have been stored without this one. The greatest value means that many
	// or more.
	StandFor uint64
	// Of por: the states in which steps were left out, and these steps.
	PrunedStates, PrunedSteps uint64
	Off                       string // why it was not applied, if it was not
}
