package explore

import (
	"errors"
	"time"

	"ctcheck/model"
)

// Order is an order in which to visit states. The verdict, the states and the transitions do not
// depend on it.
type Order uint8

// The orders.
const (
	DepthFirst Order = iota
	BreadthFirst
)

func (o Order) String() string { return [...]string{"dfs", "bfs"}[o] }

// Options say how to search, and bound it. The zero value is the full search, depth first.
type Options struct {
	Memory model.MemoryModel
	Search Order
	// First stops the search at the first violation of any property.
	First bool
	// MaxStates is the most states that may be stored; 0 means no bound.
	MaxStates uint64
	// MaxDepth is the most steps from the initial state; 0 means no bound.
	MaxDepth int
	// MaxBytes is the most bytes that the search may hold in its tables; 0 means no bound.
	MaxBytes uint64
	// Workers is how many goroutines search breadth first; 0 means 1. A depth-first search has one, and
	// so has one with a lossy store.
	Workers int
	// Reduce is the reductions to apply where they are sound; 0 means none.
	Reduce Reductions
	// Store says how the states visited are remembered.
	Store Store
	// Seed chooses the hash functions of a lossy store.
	Seed uint64
	// Checkpoint names a file to which a breadth-first search with the exact store writes where it
	// stands when a bound cuts it, and every CheckpointEvery, if that is more than nothing. Empty means
	// none.
	Checkpoint      string
	CheckpointEvery time.Duration
	// Resume names the checkpoint to go on from; empty means to begin.
	Resume string
	// Coverage counts what the steps go through. The search then has one worker, which interprets every step, and
	// leaves none out.
	Coverage bool
	// Progress, if it is not nil, is told where the search stands.
	Progress *Progress
	// Settings is what a checkpoint must have been made with to be resumed, besides the program, the
	// search and the store; a mismatch is reported by these names.
	Settings []Setting
}

// check reports what of the options does not go together.
func (o *Options) check() error {
	switch {
	case o.Store != Exact && o.Search != BreadthFirst && o.MaxDepth > 0:
		return errors.New("a depth-first search with a lossy store has no bound on depth: it does not know " +
			"at what depth it met a state")
	case o.Store != Exact && o.Workers > 1:
		return errors.New("a search with a lossy store has one worker")
	case o.Coverage && o.Workers > 1:
		return errors.New("a search that counts what is covered has one worker")
	case o.Coverage && o.Store != Exact:
		return errors.New("coverage is of searches with the exact store, which know what is new")
	case o.Coverage && (o.Checkpoint != "" || o.Resume != ""):
		return errors.New("a search that counts what is covered has no checkpoints")
	case o.Checkpoint == "" && o.Resume == "":
	case o.Search != BreadthFirst:
		return errors.New("checkpoints are of breadth-first searches: where a depth-first one stands is " +
			"a long path, with no point at which little is under way")
	case o.Store != Exact:
		return errors.New("checkpoints are of searches with the exact store")
	case o.Checkpoint != "":
		return probe(o.Checkpoint)
	}
	return nil
}
