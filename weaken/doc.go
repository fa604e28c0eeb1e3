// Package weaken asks of every step of a protocol whether it carries the load: it makes one step weaker,
// checks again, and says what breaks.
//
// A [Table] has a row for each weakening, one at a time: an order one weaker (full, acquire or release,
// relaxed), a fence gone, a locked read-modify-write torn into a load and a store, two neighbouring steps
// swapped, interrupts not disabled. Every row is held against every [Case], which is the protocol in one
// configuration, under each memory model, by a search of its own. A row is needed if some property that the
// protocol holds there is violated by the weaker one, or some claim no longer reached.
//
// Statements that come from one line of the model and stand in routines of one name are weakened
// together: they are one statement of the C, which the model builds once for each request or work bit.
//
// What it cannot say: "not needed" speaks of the properties asked for, in these configurations and under
// these memory models. No compiler reorders anything here, no machine is weaker than x86, what the model
// leaves out does not rely on the step, and two weakenings that each break nothing may break something
// together.
package weaken
