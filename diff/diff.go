// Package diff holds two protocols against each other, or two versions of one: in the same
// configurations, what the second breaks that held, what it mends, and the shortest schedule on
// which the two do something different.
package diff

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ctcheck/explore"
	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/report"
	"ctcheck/survey"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// A Side is one of the protocols in one configuration.
type Side struct {
	// Build builds the program anew, with what is claimed of it.
	Build func() (*model.Program, []*model.Monitor, error)
	// Widen makes room for a value in the next program that Build builds: see [explore.Widening]. It
	// may be nil.
	Widen func(v *model.Var, value int64) error

	program  *model.Program
	monitors []*model.Monitor
	Result   *verdict.Result // nil before it is decided
}

// A Pair is both of them in one configuration.
type Pair struct {
	Key   string // of the configuration, short; empty where there is only one
	Flags string // of the command, which make the configuration
	Sides [2]*Side
}

// A Diff is what two protocols differ in.
type Diff struct {
	Names, Sources [2]string
	Memory         model.MemoryModel
	Pairs          []*Pair // the smaller configurations first
	MaxBytes       uint64  // of each search; 0 means no bound
	Parting        *Parting
}

// A Parting is the shortest schedule on which the two do something different.
type Parting struct {
	Pair *Pair // in which configuration
	explore.Parting
	Runs  [2]*trace.Trace // in each, as far as it can be taken there
	Apart error           // why there are no schedules for both; nil if there are
}

// What became of a property from the first to the second.
const (
	Holds  = "hold"     // in both
	Mended = "mended"   // the first violates it, the second does not
	Broke  = "broke"    // the second violates it, the first does not, or it does not apply to the first
	Both   = "violated" // by both
	Open   = "open"     // a search was cut before it knew
	Absent = "absent"   // it is not asked of one of them, for it does not apply
)

// Run decides all pairs, and looks for the parting in the first configuration in which something
// was broken or mended, or else in the first. When ctx ends, what is not decided is open. The error
// is a fault of one of the programs, or says what cannot be built.
func (d *Diff) Run(ctx context.Context) error {
	names := strings.Join(d.Names[:], " and ")
	err := survey.Each(ctx, names, 2*len(d.Pairs), func(i int) error {
		return d.decide(ctx, d.Pairs[i/2].Sides[i%2])
	})
	if err != nil || ctx.Err() != nil {
		return err
	}
	at := slices.IndexFunc(d.Pairs, func(p *Pair) bool {
		return slices.ContainsFunc(d.Properties(), func(name string) bool {
			what := p.What(name)
			return what == Mended || what == Broke
		})
	})
	return d.part(ctx, d.Pairs[max(at, 0)])
}

// decide searches one side of a pair.
func (d *Diff) decide(ctx context.Context, s *Side) error {
	return explore.Widening(s.Widen, func() (err error) {
		if s.program, s.monitors, err = s.Build(); err != nil {
			return err
		}
		s.Result, err = explore.Run(ctx, s.program, s.monitors, explore.Options{Memory: d.Memory,
			Search: explore.BreadthFirst, MaxBytes: d.MaxBytes})
		return err
	})
}

// mostPairs is how many pairs of states are looked at for the parting.
const mostPairs = 1_000_000

// part looks for the parting.
func (d *Diff) part(ctx context.Context, p *Pair) error {
	var sessions [2]*explore.Session
	for i, s := range p.Sides {
		var err error
		sessions[i], err = explore.NewSession(s.program, s.monitors, explore.Options{Memory: d.Memory})
		if err != nil {
			return err
		}
	}
	pt := &Parting{Pair: p}
	d.Parting = pt
	if pt.Apart = explore.SameCPUs(sessions[0], sessions[1]); pt.Apart != nil {
		return nil
	}
	var err error
	pt.Parting, err = explore.Part(ctx, sessions[0], sessions[1], observed,
		explore.Options{MaxStates: mostPairs, MaxBytes: d.MaxBytes})
	if err != nil || !pt.Found {
		return err
	}
	for i, s := range sessions {
		run := pt.Run
		if pt.Only == [...]string{"b", "a"}[i] {
			run = run[:len(run)-1]
		}
		if pt.Runs[i], err = s.Play(run); err != nil {
			return err
		}
	}
	return nil
}

// observed is what is compared of a step: what traces tell of it besides values, so which requests
// were deferred and which not, which work ran, which IPIs were sent, and which warnings fired; the
// properties that it violates, what it reaches of that which must be reachable, and whether it ends
// the run.
func observed(of *explore.Session, d explore.StepInfo) string {
	var b strings.Builder
	p := of.Lowered()
	for i, name := range p.Properties {
		if d.Failed>>i&1 != 0 {
			fmt.Fprintln(&b, "violates", name)
		}
	}
	for i, c := range p.Source.Claims {
		if d.Reached>>i&1 != 0 {
			fmt.Fprintln(&b, "reaches", c.Name)
		}
	}
	fmt.Fprintln(&b, d.Ended, d.Stuck)
	for _, h := range d.Events {
		if told(h) {
			fmt.Fprintf(&b, "%s: %s %s\n", h.CPU.Name, report.EventText(h), h.Label)
		}
	}
	return b.String()
}

func told(h ir.Happening) bool {
	return h.Kind == model.Warned || h.Kind == model.Sent || report.Tells(h)
}

// reachable begins the name of what must be reachable, among properties. Where it is not, everything else may hold
// for nothing.
const reachable = "reachable: "

// Properties is all that was asked of either, in order, and then what must be reachable.
func (d *Diff) Properties() []string {
	var names []string
	for _, p := range d.Pairs {
		for _, s := range p.Sides {
			if s.Result == nil {
				continue
			}
			for _, pr := range s.Result.Properties {
				if !slices.Contains(names, pr.Name) {
					names = append(names, pr.Name)
				}
			}
		}
	}
	for _, p := range d.Pairs {
		for _, s := range p.Sides {
			if s.Result == nil {
				continue
			}
			for _, c := range s.Result.Claims {
				if name := reachable + c.Name; !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	return names
}

// What is what became of a property in the configuration.
func (p *Pair) What(name string) string {
	var says [2]string
	for i, s := range p.Sides {
		says[i] = s.says(name)
	}
	switch {
	case says[0] == Absent && says[1] == Both:
		return Broke // nobody asked it of the first, and it must not go unseen
	case says[0] == Absent || says[1] == Absent:
		return Absent
	case says[0] == Both && says[1] == Both:
		return Both
	case says[0] == Open || says[1] == Open:
		return Open
	case says[0] == Both:
		return Mended
	case says[1] == Both:
		return Broke
	}
	return Holds
}

// says is what one side says of a property: violated, open, absent, or that it holds.
func (s *Side) says(name string) string {
	if s.Result == nil {
		return Open
	}
	for _, c := range s.Result.Claims {
		switch {
		case reachable+c.Name != name:
		case c.Reached:
			return Holds
		case s.Result.AllVisited:
			return Both
		default:
			return Open
		}
	}
	p := s.property(name)
	switch {
	case p == nil:
		return Absent
	case p.Violated:
		return Both
	case !s.Result.Holds(*p):
		return Open
	}
	return Holds
}

func (s *Side) property(name string) *verdict.Property {
	for i := range s.Result.Properties {
		if s.Result.Properties[i].Name == name {
			return &s.Result.Properties[i]
		}
	}
	return nil
}

// Complete reports whether nothing is open.
func (d *Diff) Complete() bool {
	for _, p := range d.Pairs {
		for _, s := range p.Sides {
			if s.Result == nil || !s.Result.Complete {
				return false
			}
		}
	}
	return d.Parting != nil && d.Parting.Bound == verdict.NoBound
}

// changed is the properties that became of something, with the first configuration in which they
// did.
func (d *Diff) changed(what string) (names []string, where []*Pair) {
	for _, name := range d.Properties() {
		for _, p := range d.Pairs {
			if p.What(name) == what {
				names, where = append(names, name), append(where, p)
				break
			}
		}
	}
	return names, where
}
