package verdict

import (
	"ctcheck/ir"
	"ctcheck/model"
)

// A Coverage is what a search went through. Of one that was cut it is what was seen.
type Coverage struct {
	Covered    []Covered    // steps and the outcomes of branches, in the order of the program
	Interrupts []Interrupts // what comes from outside, by CPU
	Other      Count        // transitions without a statement: a handler's wait, before it returns
	Values     []Values     // of the variables, those of the program first
}

// A Covered is one step or way with its counts.
type Covered struct {
	ir.Coverable
	Times uint64 // that it was gone through
	Count        // of steps, by the transitions that they begin
}

// A Count is how many transitions led to states that were new, and to ones that were known.
type Count struct{ New, Known uint64 }

// An Interrupts is one kind of transitions of a CPU that its code does not take.
type Interrupts struct {
	CPU  *model.CPU
	Kind ir.TransitionKind
	IPI  *model.IPI // of PushIPI and PushIRQ
	Count
}

// A Values is how many values a variable was seen to have.
type Values struct {
	Var      *model.Var
	Routine  *model.Routine // of a local
	Distinct int
}
