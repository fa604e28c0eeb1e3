// Package explore visits every state that a compiled program can reach and says which properties
// hold there.
//
// [Run] searches ([DepthFirst] or [BreadthFirst]) over a set of packed states, which is exact unless the options
// ask for a lossy one. It decides all properties of states in one search, and those of whole runs after it. For
// every violated one it finds a shortest trace, among the shortest one with the fewest switches between CPUs, and
// replays it before handing it out; where a bound leaves too little to find such a trace, it says that it is not.
//
// Breadth first is the fast way, and the command's default: its workers remember what steps do instead
// of interpreting them ([machine.Stepper]), look up many states at a time, and need no order among the
// states of a layer. Depth first interprets every step and is one worker's; it is there for those who
// want its order, and as the plainer of the two to compare with.
//
// [Options.Reduce] asks for fewer states with the same verdicts, and, bounds aside, the same traces: [Symmetry] of
// CPUs that run the same code, and [PartialOrder], which leaves out orders of steps that do not matter. What a
// search was reduced by, or why it was not, is part of its result.
//
// Claims on whole runs (liveness) are decided after a complete search, over the states that it stored.
// They count only fair runs. A run is fair if
//   - every CPU that from some state on can always step, or take an IPI, does so again and again (weak
//     fairness): neither a stay in user mode or in the kernel's body nor any other pause lasts for ever;
//   - every IPI whose delivery is possible again and again is delivered again and again (strong
//     fairness): an interrupt controller holds an IPI until the CPU's interrupts are on, and a CPU that
//     has them on, if only between two stretches with interrupts off, takes it there and then, so that
//     weak fairness, which a window that closes again suffices to excuse, would admit runs that no
//     hardware has; stores that wait in its buffer do not make it impossible, since an interrupt
//     drains them;
//   - nothing is asked of NMIs and devices to come; what has come runs on as its CPU's own steps do.
//
// No fairness is assumed between the alternatives of a choice, nor of a compare-and-exchange that it
// succeeds in the end, nor of a CPU whose wait is over only now and then. A CPU that waits is not one
// that can step. A run may stop where no CPU can step and no IPI can be delivered.
//
// Under x86-TSO the store buffers of the CPUs step too, and [Run] finds how much room they need. A
// store that waits reaches memory in the end (weak fairness).
//
// Beside Run there are [EndsOf] and [Finals], the set of final states, which litmus tests ask for;
// [Session], for those who walk through the states and ask for the nearest step that does something; and
// [GraphOf], the whole graph of a small program.
//
// # How it is made
//
// A search is made of small values. A problem is what is searched; bounds stop it; reductions leave something out;
// findings and counts are what came of it. Each of the searches has those that it needs, and a set of states:
// depth first (dfs.go), breadth first by workers (bfs.go, worker.go), the same with a lossy store (lossy.go,
// lossy_dfs.go), and breadth first by one goroutine that interprets every step (walk.go), which coverage, graphs,
// nearest steps and the cycles of fair runs are found by. The workers also search for fair runs (liveness.go). The
// search for ends (finals.go) begins small and grows.
//
// # Limits
//
// It knows no memory models weaker than x86-TSO. A lasso, the trace that
// violates a claim on whole runs, takes a shortest way to a cycle, but neither that cycle nor the sum
// of both need be the shortest.
package explore
