package trace

import "ctcheck/machine"

// A Lasso is a run that breaks a claim on whole runs: the steps up to Loop, then the others for ever.
// With Loop -1 it stops after the last step.
type Lasso struct {
	Claim machine.Live
	Steps []uint16
	Loop  int
}
