package trace

// A Fault is a fault of the program, with the run that leads to it. There is no verdict then: what the program
// does from there on means nothing.
type Fault struct {
	// Trace is the run. Its last step is the one with the fault, and has done what came before it; the state stays
	// as it was. Nil where Why says why there is none.
	Trace *Trace
	Why   string
	Err   error // what is wrong, as an [ctcheck/ir.Fault]
}

func (f *Fault) Error() string { return f.Err.Error() }

// Unwrap is the fault without the run: the error that Err is.
func (f *Fault) Unwrap() error { return f.Err }
