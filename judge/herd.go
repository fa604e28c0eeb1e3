package judge

import (
	"fmt"
	"io"
	"strings"

	"ctcheck/litmus"
)

// This file writes what herd7 writes of a test, for people who know that, for mcompare7, and for the kernel's
// scripts/judgelitmus.sh. What is not herd7's stands where these skip it: behind Time.

// kinds is what herd7 calls the quantifiers in the first line.
var kinds = map[litmus.Quantifier]string{litmus.Exists: "Allowed", litmus.Forall: "Required",
	litmus.NotExists: "Forbidden"}

// Condition is the proposition with its quantifier, as herd7 spells it.
func Condition(t *litmus.Test) string { return fmt.Sprintf("%s (%s)", t.Quantifier, t.Prop) }

// Herd writes an outcome as herd7 does. Where there is no answer it writes why, as herd7 does where it has
// none: no Observation. The error is that of w.
func Herd(w io.Writer, o *Outcome) error {
	var b strings.Builder
	if o.Known() {
		o.herd(&b)
	} else {
		fmt.Fprintf(&b, "%s\n", o.noAnswer())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// noAnswer is why there is none, in a line that names the file and, if that makes a difference, the memory
// model.
func (o *Outcome) noAnswer() string {
	if o.Err != nil {
		return o.Why()
	}
	return fmt.Sprintf("%s: no answer under %s: %s", o.File, o.Memory, o.Why())
}

func (o *Outcome) herd(b *strings.Builder) {
	name := o.Test.Name
	fmt.Fprintf(b, "Test %s %s\n", name, kinds[o.Test.Quantifier])
	fmt.Fprintf(b, "States %d\n", len(o.States))
	for _, s := range o.States {
		fmt.Fprintln(b, s)
	}
	ok := "No"
	if o.OK() {
		ok = "Ok"
	}
	positive, negative := o.Positive, o.Negative
	if o.Test.Quantifier == litmus.NotExists { // herd7 counts witnesses of what the quantifier says
		positive, negative = negative, positive
	}
	fmt.Fprintf(b, "%s\nWitnesses\nPositive: %d Negative: %d\n", ok, positive, negative)
	for _, f := range o.Flags {
		fmt.Fprintf(b, "Flag %s\n", f)
	}
	fmt.Fprintf(b, "Condition %s\n", Condition(o.Test))
	fmt.Fprintf(b, "Observation %s %s %d %d\n", name, o.Observation(), o.Positive, o.Negative)
	fmt.Fprintf(b, "Time %s %.2f\n", name, o.Duration.Seconds())
	switch what := "final states, not executions"; {
	case o.Executed == nil:
		fmt.Fprintf(b, "Counted %s %s, under %s\n", name, what, o.Memory.Title())
	case o.Whole:
		fmt.Fprintf(b, "Counted %s executions, as herd7 does, under %s\n", name, o.Memory.Title())
	default:
		fmt.Fprintf(b, "Counted %s nothing: an execution of either kind was looked for, under %s\n", name,
			o.Memory.Title())
	}
	if e := o.Executed; e != nil {
		if e.Thin {
			fmt.Fprintf(b, "Note %s has values out of thin air, which are shown as ?\n", name)
		}
		if e.Spun {
			fmt.Fprintf(b, "Note %s waits in a loop: executions are counted in which it goes round once at most\n",
				name)
		}
	}
}
