// Package states has sets of packed states, and nothing that knows what a state means: it sees words.
//
// A [Set] is exact and numbers its states. A [Table] is exact and needs less memory: it keeps each state's
// distance from the initial one in place of a number. A [Lossy] set remembers less of a state than tells it
// from all others: [Bitset] a few bits in one array, [HashCompaction] a fingerprint.
package states
