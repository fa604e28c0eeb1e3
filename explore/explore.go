package explore

import (
	"context"

	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/verdict"
)

// Run compiles the program with the monitors of the properties to be decided, and searches its states. Where the
// memory model has store buffers it makes them larger until no store of any run waits for room, so that nothing
// is left out; if one needs more than 16 entries the result is incomplete, with the bound [verdict.AtBuffer].
//
// The error is a fault of the program or a monitor (what cannot be compiled; a value outside its range or a failed
// assertion, which is a [ctcheck/trace.Fault] with the run that leads there), of the options (some do not go
// together, a file cannot be read or written), or of the checker (a trace that does not replay); it is never a
// verdict. When ctx ends, the search stops and the result says what is known so far.
func Run(ctx context.Context, p *model.Program, ms []*model.Monitor, o Options) (*verdict.Result, error) {
	var r *verdict.Result
	var h shelf
	defer h.release()
	err := withBuffers(o.Memory, p, ms, bufferSizesIn(o.Resume), func(m *machine.Machine,
		larger uint64) (uint64, error) {
		var outgrew uint64
		var err error
		if r, outgrew, err = runWithin(ctx, m, o, larger, &h); err != nil || r.Bound != verdict.AtBuffer {
			return 0, err
		}
		o.Resume = "" // other buffers, other states
		return outgrew, nil
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}
