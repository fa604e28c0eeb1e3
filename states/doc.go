// Package states has sets of packed states, and nothing that knows what a state means: it sees words.
//
// A [Set] is exact and numbers its states. A [Store] is added to in batches, and is one of three: a [Table] is
// exact and needs less memory than a Set, for in place of a number it keeps each state's distance from the initial
// one; a [Bitset] keeps a few bits of each state in one array, and a [HashCompaction] a fingerprint. These two are
// lossy: they may take a state for another, and then the search that asks misses it, so nobody may conclude from
// one of them that all states were visited. A [Frontier] is the states that wait to be expanded.
//
// The hash functions are good ones, but not meant against somebody who chooses states so that they collide.
package states
