// Package verdict has what every engine answers: a [Result], with a [Verdict] in one word, what became of each
// property and claim, and what was not looked at.
package verdict
