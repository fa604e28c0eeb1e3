package deferral

import (
	"slices"

	"ctcheck/model"
)

// A Deferral is what the named properties have to know of a program besides its events. The zero value of a field
// but Works says that there is no such thing.
type Deferral struct {
	Target   *model.CPU // the CPU that defers work
	Works    int        // number of work bits, 0..Works-1
	Requests []*Request
	// CatchUp says that a request's change is in effect elsewhere as soon as it is published, and that
	// running a callback catches up with what was published before, and with nothing later.
	CatchUp bool
	// Void is the named properties that cannot be asked of this protocol, each with the reason.
	Void map[string]string

	p *model.Program
}

// New says that the program defers work of so many kinds, each a bit. That the program's Domain is taken is a fault
// of the program.
func New(p *model.Program, works int) *Deferral {
	if p.Domain != nil {
		p.Refuse("deferral: the program has a %T already; a program has one domain", p.Domain)
	}
	d := &Deferral{Works: works, p: p}
	p.Domain = d
	return d
}

// Of is the deferral of the program, or nil where it has none.
func Of(p *model.Program) *Deferral {
	d, _ := p.Domain.(*Deferral)
	return d
}

// A Request is one call that asks the target for work.
type Request struct {
	Index int        // among the requests of the program
	CPU   *model.CPU // who asks
	Work  int        // the work bit, 0..Works-1
	IPI   *model.IPI // the fallback; nil when the caller is the target itself
	// Urgent says that the caller cannot wait for the target's next entry.
	Urgent bool
	// Times is how often at most the CPU makes the request: 0 and 1 are once, [model.AnyNumber] has no bound.
	Times int
}

// Repeated reports whether the CPU may make the request more than once. Such a request has no life that a property
// could follow.
func (q *Request) Repeated() bool { return q.Times > 1 || q.Times == model.AnyNumber }

// Followed is the requests that are not repeated. They are declared first.
func (d *Deferral) Followed() []*Request {
	n := 0
	for n < len(d.Requests) && !d.Requests[n].Repeated() {
		n++
	}
	return d.Requests[:n]
}

// Request declares a request. That there is no such work bit is a fault of the program.
func (d *Deferral) Request(cpu *model.CPU, work int, ipi *model.IPI) *Request {
	if work < 0 || work >= d.Works {
		d.p.Refuse("deferral: request %d, of %s, asks for work bit %d, but the program has %d; give New more "+
			"of them", len(d.Requests)+1, cpu.Name, work, d.Works)
	}
	q := &Request{Index: len(d.Requests), CPU: cpu, Work: work, IPI: ipi}
	d.Requests = append(d.Requests, q)
	return q
}

// Unbounded reports whether there is no bound on how many requests ask for the work bit.
func (d *Deferral) Unbounded(work int) bool {
	return slices.ContainsFunc(d.Requests, func(q *Request) bool {
		return q.Work == work && q.Times == model.AnyNumber
	})
}

// Repeats reports whether a request that is repeated sends the IPI.
func (d *Deferral) Repeats(ipi *model.IPI) bool {
	return slices.ContainsFunc(d.Requests, func(q *Request) bool { return q.IPI == ipi && q.Repeated() })
}

// Origin says on whose behalf a callback runs.
type Origin uint8

// The origins of a callback.
const (
	ByFlush Origin = iota
	ByIPI
	ByLocalCall // on_each_cpu_cond() running it on the calling CPU
)

var originNames = [...]string{"flush", "IPI", "local call"}

func (o Origin) String() string { return originNames[o] }
