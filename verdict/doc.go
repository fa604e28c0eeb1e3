// Package verdict has what every engine answers: a [Result], with a [Verdict] in one word, what became of each
// [Property] and each reachability [Claim], and the [Bound] that cut the search, if one did. A result that was cut
// never says [Holds].
//
// What only the search over states has to say is in a part of its own, [Search]; what a search went through, if
// that was counted, is a [Coverage].
package verdict
