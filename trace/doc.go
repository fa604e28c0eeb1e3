// Package trace has runs of a program: it replays them step by step, and says what each step did, what it read
// from where, and what each state says of the properties. It does not know how a run was found.
package trace
