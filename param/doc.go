// Package param decides claims for any number of CPUs of one kind, the replicas: it proves them, or says which it
// cannot prove. It finds no runs; where it raises an alarm, somebody has to search with few replicas.
//
// # Views
//
// A view is what a state says of everything but the replicas, the shared part, and of one replica: its program
// counter, locals and store buffer, the variables of its own, and whether an IPI of its own is pending. It is a
// state of the program with one replica, so the package runs on that program, compiled like any other.
//
// A set of views stands for all states, with any number of replicas, of which every view is in the set. [Views]
// computes the least set that has the views of the initial states and that no step leaves:
//
//   - A step of a CPU that is there once looks at the shared part alone. It carries all views of that part along.
//   - A step of a replica looks at the shared part and at itself. It moves its own view, and carries all views of
//     the shared part along if that changes: any other replica may be at what they say, and stays there.
//   - A CPU takes an IPI of a replica's: likewise, for whether the IPI is pending is the replica's own.
//
// So each reachable state, whatever the number of replicas, has all its views in the set, and a property that
// fails in no step of a view, and in no view, fails nowhere. The set has more: it does not know which
// views occur together. An alarm may so be of no run. This is the abstraction of Abdulla, Haziza and Holík, All
// for the price of few, VMCAI 2013, with views of one process.
//
// A deadlock is a state in which nobody can step. All its views are then such that nobody in them can step, so
// where there is no such view there is no deadlock.
//
// # Counters
//
// [Counters] settles what views leave open: it counts how many replicas are at what, with a number that stands for
// any (Karp and Miller, Parallel program schemata, JCSS 1969). It knows which views occur together and so raises no
// alarm that is of no run, but about deadlocks, and where a count ages (below). It may need too much memory, and is
// given up then.
//
// # What a program has to be like
//
// [New] is given the program with one replica and with two, and checks on the compiled code what the above
// rests on; what does not qualify is refused, with the reason:
//
//   - In the program with two, the replicas may change places while everything else stays as it is
//     ([ctcheck/machine.Machine.Interchangeable]). So no variable that others see knows which replica did
//     something: a queue of their csds does, and a design that has one is refused.
//   - A variable is used by both replicas or by one alone, whose own it is then. Nobody else uses that; nobody else
//     asks where a replica stands; and no claim over states speaks of what is a replica's own.
//   - The program with one is the program with two without the second: the same code, but for the handlers of the
//     second one's IPIs, the same variables, but for its own.
//
// That the program with three is related to the one with two in this way is not checked; one builder makes them
// all.
//
// # Counts that do not end
//
// A design may compare copies of a counter that in the kernel is too long to come round within a call. The
// state has it modulo a small number, and would take an old copy for a new one. Where the author says so
// ([ctcheck/model.Var.Endless]) a copy ages instead: it is as old as the count went on since it was made, and
// beyond what the state can tell it is old, and no longer equal to the count. That is exact under the
// assumption that the count does not come round while a copy is held, which reports say, and where copies are
// only compared with the count as it is at that moment, which is checked ([ctcheck/ir.Flow.Counts]); where they
// are not, the count comes round, as in any search, which only adds alarms. A step that goes on with the count
// ages the copies of all replicas at once, so the tree of counters is not exact there: what it excludes is
// excluded, but what it covers may be of no run.
//
// # Limits
//
// Claims on whole runs are refused: an abstraction with more runs says nothing of fairness. So are data races,
// which are claims over two CPUs. There is one kind of replicas, and each takes part in a step alone. A claim
// in which the number of requests matters, such as that executions never exceed them, has to be made one on a
// bounded ghost first (package props does that for no-double-execution).
//
// A verdict for any number of target CPUs costs nothing more for these claims. The designs keep their state per
// target CPU, a setter that asks two targets does so one after the other, and what it does with one target
// changes nothing that another one sees. So what happens between setters and one target is what happens in the
// program with that target alone, with the setters' steps elsewhere as time that passes between two steps,
// which every step may take anyway. It is not so for claims on whole runs, where such time may be without end.
package param
