// Package axiom decides programs under memory models of axioms, the Linux-kernel memory model (LKMM) among
// them. It looks for execution graphs, and not for states: the accesses that threads make, from which write
// each read reads (rf), and the order of the writes to each cell (co). A model's axioms say which graphs are
// executions.
//
// [Run] searches depth first; a node is a graph that may not be whole yet. Threads run on values that are not
// known, until they need one (run.go). Then the read with the fewest writes that it may read from is chosen,
// and each of these is tried, and last that it reads from a write that is still to come (reads.go). Only when
// nothing else is left to do is it guessed how a thread goes on (guess.go). When all threads have ended and all
// reads read from something, the writes whose order does not follow are ordered (search.go). No two ways lead
// to the same graph.
//
// What follows from coherence and from the atomicity of read-modify-writes is added at every node
// (coherence.go), and the axioms are evaluated at every node (lkmm.go, rcu.go, race.go, models.go). The
// relations that they speak of only grow along a way, and no axiom asks for something to be there: so a graph
// that breaks one has no execution behind it. Data races and other flags are looked for in executions only.
//
// Two modes: all executions are enumerated, with their number as herd7 counts them; or one is looked for that
// satisfies a condition, and one that does not, where graphs are left out as soon as the values that are known
// decide the condition the other way.
//
// # What is not decided
//
// A read may find a value that through copies alone comes from itself: a value out of thin air, which the model
// allows where no dependency that it honours is in the way. herd7 keeps such executions, and so does this
// package, with a value that is different from all others ([threads.Thin]). Where more than a copy depends on
// one, the result is that something was not decided ([Result.Murky]). Loops go round a number of times at most
// ([Result.Unrolled]), but for rounds that change nothing (loop.go).
//
// # How it is checked
//
// Package axiom/replay evaluates the same models from their text, by other means, on executions that are found;
// tests enumerate all candidates of small programs with it, and compare counts. Under sequential consistency
// and x86-TSO the final states are those of package explore.
package axiom
