package verdict

import (
	"slices"
	"time"

	"ctcheck/model"
	"ctcheck/trace"
)

// A Verdict is what an engine says in one word.
type Verdict uint8

// The verdicts.
const (
	Holds      Verdict = iota // everything was looked at, every property held, every claim was reached
	Violated                  // some property is violated, with a trace
	Incomplete                // nothing violated, but a bound cut the search
	Unreached                 // nothing violated, but something claimed reachable is not
)

var verdictNames = [...]string{"HOLDS", "VIOLATED", "INCOMPLETE", "UNREACHED"}

func (v Verdict) String() string { return verdictNames[v] }

// A Bound names what cut a search short; it is empty for a complete one. A bound that a flag
// sets has the flag's name.
type Bound string

// The bounds.
const (
	NoBound     Bound = ""
	AtStates    Bound = "max-states"
	AtDepth     Bound = "max-depth"
	AtBytes     Bound = "max-memory"
	AtTimeout   Bound = "timeout"
	AtInterrupt Bound = "interrupt"
	AtFirst     Bound = "first"
	AtStore     Bound = "store"        // the store is lossy: states may have been taken for others
	AtBuffer    Bound = "store-buffer" // some store found no room in its CPU's buffer
	AtUnroll    Bound = "unroll"       // a loop goes round more often than it was unrolled
	AtThinAir   Bound = "thin-air"     // a value out of thin air decides how an execution goes on
	AtWalks     Bound = "walks"        // there were random walks only, as many as were asked for or there was time
)

// A Property is one property and what became of it. Whether it holds the [Result] says.
type Property struct {
	Name     string
	Live     bool // it makes a claim on whole runs, and so rests on fairness
	Violated bool
	Trace    *trace.Trace // of a violated one
	Setters  int          // of a result with Any: how many of them violate it, the fewest that were found
	Instance string       // likewise: which program the trace is of, as the flag --setters names it
	Open     string       // of a result with Any: why it is not decided; empty if it is
}

// A Claim is one reachability claim of the program.
type Claim struct {
	Name    string
	Reached bool
	Witness *trace.Trace // a shortest run that reaches it, if somebody asked for it and it was found
}

// A Result is what an engine answers.
type Result struct {
	Verdict    Verdict
	Complete   bool
	Bound      Bound // what cut the search, if it is not complete
	AllVisited bool  // every state was: if the search is not complete, whole runs are what is open
	Properties []Property
	Claims     []Claim
	Memory     model.MemoryModel
	Duration   time.Duration
	// Of an engine that visits states: the distinct ones stored; the pairs of a visited state and a transition
	// enabled in it, less those left out; and the longest path followed, which in breadth-first order is the
	// greatest distance.
	States      uint64
	Transitions uint64
	Depth       int
	Search      *Search   // of a search over states
	Any         *Any      // of a verdict on any number of CPUs
	Coverage    *Coverage // if it was asked for
}

// Holds reports whether one of the properties holds. A claim on states is decided once every state was visited,
// though the search for whole runs, which comes after that, may have been cut.
func (r *Result) Holds(p Property) bool {
	if r.Any != nil {
		return !p.Violated && p.Open == ""
	}
	return !p.Violated && (r.Complete || r.AllVisited && !p.Live)
}

// Decides reports whether the property of that name is among those that were decided.
func (r *Result) Decides(name string) bool {
	return slices.ContainsFunc(r.Properties, func(p Property) bool { return p.Name == name })
}
