// Package trace has runs of a program: what each step did ([Trace], [Step]), what it read from where
// ([Trace.ReadsFrom]), and what each state says of the properties ([States]).
//
// A run is made by taking transitions on a machine, one after the other ([Play], [Player]). What a search found is
// replayed before anybody sees it ([Replay], [ReplayLasso]): each step has to be enabled, and the last one has to
// violate what it is said to violate; a cycle has to come back, and to be fair ([Obligations]). Whether a run is a
// shortest one only the search knows, which says so in the trace.
//
// A run to a fault of the program, which ends with it, is part of that error ([Fault]).
package trace
