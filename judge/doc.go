// Package judge runs litmus tests under memory models, says what came of them as herd7 does, and holds that against
// a table of what is expected.
//
// [Decide] runs one test (package litmus) and returns an [Outcome] for each memory model: the final states, how
// many of them satisfy the test's proposition, and herd7's word for that, Never, Sometimes or Always. [All] runs
// many, on several cores, and gives their outcomes in their order. What is counted is final states; herd7 counts
// executions, of which several may end alike, so its figures may be greater where its word is the same.
//
// [Herd] writes an outcome line by line as herd7 does, for people and for the tools that read herd7's logs. A
// [Witness] is what herd7 does not have: a shortest run to a state that was asked about, as a report. [JSON],
// [CSV] and [JUnit] are for programs, a [Tally] sums up, and [Expectations] is the table.
package judge
