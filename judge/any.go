package judge

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"time"

	"ctcheck/explore"
	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/param"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// This file decides claims for any number of setters: views prove them, searches with few setters find the runs
// that violate them, and a coverability tree settles what is between.

// A Family is a program for each number of setters. All of its programs come with the same monitors.
type Family struct {
	Kind string // what the CPUs are called of which there are any number
	// Rest is the program whose replicas are all setters but those in Fixed; it is asked for one and two of them.
	Rest func(setters int) (*model.Program, []*model.Monitor, error)
	// Fixed is how many setters are not replicas.
	Fixed int
	// Instance is the program that is searched for a run.
	Instance func(setters int) (*model.Program, []*model.Monitor, error)
	// Stronger names properties whose monitors are violated wherever these are, and perhaps where they are not.
	// They are searched for in the programs of Bounded, in which each setter makes at most so many requests,
	// with the right monitors.
	Stronger []string
	Bounded  func(setters, requests int) (*model.Program, []*model.Monitor, error)
	// Name is what the flag --setters calls a program: that of Instance, or of Bounded if requests are more than 0.
	Name func(setters, requests int) string
	// Left is what is not asked, with the reasons.
	Left []verdict.Left
	// Widens says that a value outside its range is an error, so that somebody makes room for it.
	Widens bool
}

// IsRefused reports whether an error of [Any] says that what it was given is no family.
func IsRefused(err error) bool { return errors.Is(err, param.ErrNoFamily) }

// Undecided is an error if one of the properties is left out.
func (f Family) Undecided(names []string) error {
	for _, l := range f.Left {
		if slices.Contains(names, l.Name) && l.Why != leftHalf {
			return fmt.Errorf("%s is %s, which is not decided for any number of %ss; leave it out, or give their "+
				"number", l.Name, l.Why, f.Kind)
		}
	}
	return nil
}

const (
	// mostSetters is up to how many setters are searched for a run.
	mostSetters = 4
	// mostRequests is how many requests of each, where that has to have a bound.
	mostRequests = 2
	// fewSetters is up to how many before a coverability tree is tried.
	fewSetters = 2
	// mostNodes bounds that, and mostStates each search after it.
	mostNodes  = 200_000
	mostStates = 4_000_000
)

// Any decides the properties of a family for any number of setters, under the memory model and within the bounds on
// memory of the options. The error is a fault of the programs, or says why they are no family. When ctx ends, the
// result says what is known so far.
func Any(ctx context.Context, f Family, o explore.Options) (*verdict.Result, error) {
	d := &decision{ctx: ctx, f: f, o: o, start: time.Now()}
	d.o.First, d.o.MaxStates, d.o.MaxDepth, d.o.Coverage, d.o.Checkpoint, d.o.Resume = false, 0, 0, false, "", ""
	if err := d.views(); err != nil {
		return nil, err
	}
	for n := max(f.Fixed, 1); n <= mostSetters && (d.open() || d.unreached()); n++ {
		if n == fewSetters+1 && d.open() {
			if d.tree(); !d.open() && !d.unreached() {
				break
			}
		}
		if err := d.instance(n); err != nil {
			return nil, err
		}
	}
	return d.result(), nil
}

// A decision is the work in progress.
type decision struct {
	ctx      context.Context
	f        Family
	o        explore.Options
	start    time.Time
	y        *param.System
	suspect  uint64 // properties that are neither proved nor violated; the bit behind all is for deadlocks
	fault    error
	props    []verdict.Property
	claims   []verdict.Claim
	any      verdict.Any
	cut      verdict.Bound
	searched bool
	round    bool // a run was found in which a count comes round that does not in the kernel
	steps    int
	states   uint64
	trans    uint64
}

func (d *decision) deadlock() uint64 { return 1 << (len(d.props) - 1) }

// open reports whether a property is neither proved nor violated.
func (d *decision) open() bool { return d.suspect != 0 || d.fault != nil }

// unreached reports whether something that must be reachable was not reached, by all that is known.
func (d *decision) unreached() bool {
	return !d.searched || slices.ContainsFunc(d.claims, func(c verdict.Claim) bool { return !c.Reached })
}

// safety is the monitors without what they claim of whole runs. A monitor that claims nothing else is left out.
func safety(ms []*model.Monitor) (safe []*model.Monitor) {
	for _, m := range ms {
		if m.Never == nil && m.AtEnd == nil && m.On == nil && !m.NoDataRace {
			continue
		}
		c := *m
		c.NotForever, c.Eventually, c.Progress = nil, nil, nil
		safe = append(safe, &c)
	}
	return safe
}

// views proves what views prove.
func (d *decision) views() error {
	y, err := param.Load(d.o.Memory, func(replicas int) (*model.Program, []*model.Monitor, error) {
		p, ms, err := d.f.Rest(d.f.Fixed + replicas)
		return p, safety(ms), err
	})
	if err != nil {
		return err
	}
	d.o.Progress.Enter("views", "any number of "+d.f.Kind+"s", 0)
	v := y.Views(d.ctx, param.Limit{Bytes: d.o.MaxBytes, Told: d.o.Progress.Advance})
	if fault := (*ir.Fault)(nil); d.f.Widens && errors.As(v.Fault, &fault) && fault.Var != nil {
		return v.Fault
	}
	for _, name := range append(y.Properties(), model.NoDeadlock) {
		d.props = append(d.props, verdict.Property{Name: name})
	}
	d.y, d.suspect, d.fault = y, v.Failed, v.Fault
	if v.Deadlock {
		d.suspect |= d.deadlock()
	}
	if !v.Done || v.Fault != nil { // views are missing, behind a fault too
		d.suspect = 2*d.deadlock() - 1
	}
	if !v.Done && v.Fault == nil {
		d.cut = d.bound()
	}
	if v.Full != 0 {
		d.suspect, d.cut = 2*d.deadlock()-1, verdict.AtBuffer
	}
	d.any = verdict.Any{Kind: d.f.Kind, Replicas: y.Replica().Name, Parts: uint64(v.Parts), Views: v.Views,
		Locals: v.Locals, Bits: y.Bits(), Bytes: v.Bytes, Left: d.f.Left}
	return nil
}

// bound is what cut a computation.
func (d *decision) bound() verdict.Bound {
	switch {
	case errors.Is(d.ctx.Err(), context.DeadlineExceeded):
		return verdict.AtTimeout
	case d.ctx.Err() != nil:
		return verdict.AtInterrupt
	}
	return verdict.AtBytes
}

// tree proves what a coverability tree proves.
func (d *decision) tree() {
	if d.ctx.Err() != nil {
		return
	}
	c := d.y.Counters(d.ctx, param.Limit{Nodes: mostNodes})
	d.any.Nodes = c.Nodes
	if !c.Done || c.Full != 0 {
		return
	}
	left := c.Failed
	if c.Deadlock {
		left |= d.deadlock()
	}
	d.suspect &= left
	if c.Fault == nil {
		d.fault = nil
	}
}

// instance searches the program with so many setters for what is still open.
func (d *decision) instance(n int) error {
	p, ms, err := d.f.Instance(n)
	if err != nil {
		return err
	}
	wanted := d.wanted(ms, false)
	if n == d.f.Fixed { // of a program without replicas views know nothing
		wanted = slices.DeleteFunc(safety(ms), func(m *model.Monitor) bool {
			return slices.Contains(d.f.Stronger, m.Name)
		})
	}
	whole, err := d.search(n, 0, p, wanted)
	if err != nil {
		return err
	}
	for r := 1; r <= mostRequests && len(d.wanted(ms, true)) > 0; r++ {
		p, ms, err := d.f.Bounded(n, r)
		if err != nil {
			return err
		}
		if _, err := d.search(n, r, p, d.wanted(ms, true)); err != nil {
			return err
		}
	}
	if whole && d.any.Exact == n-1 {
		d.any.Exact = n
	}
	return nil
}

// wanted is the monitors of what is open: of those that are stronger than their names, or of the others.
func (d *decision) wanted(ms []*model.Monitor, stronger bool) (open []*model.Monitor) {
	for _, m := range safety(ms) {
		i := slices.Index(d.y.Properties(), m.Name)
		if i >= 0 && d.suspect>>i&1 != 0 && slices.Contains(d.f.Stronger, m.Name) == stronger {
			open = append(open, m)
		}
	}
	return open
}

// search looks for runs in one program, and reports whether it saw every state.
func (d *decision) search(n, requests int, p *model.Program, ms []*model.Monitor) (whole bool, err error) {
	o := d.o
	// The first violation ends a search for one property, if nothing else is to be found on the way.
	o.First = n > d.f.Fixed && bits.OnesCount64(d.suspect) == 1 && d.fault == nil && !d.unreached()
	if n > fewSetters {
		o.MaxStates = mostStates
	}
	r, err := explore.Run(d.ctx, p, ms, o)
	if err != nil {
		return false, err
	}
	d.states, d.trans, d.steps = d.states+r.States, d.trans+r.Transitions, max(d.steps, r.Depth)
	for _, q := range r.Properties {
		i := slices.IndexFunc(d.props, func(p verdict.Property) bool { return p.Name == q.Name })
		switch {
		case i < 0 || !q.Violated || d.props[i].Violated:
		case comesRound(q.Trace):
			d.round = true
		default:
			d.props[i].Violated, d.props[i].Trace, d.props[i].Setters = true, q.Trace, n
			d.props[i].Instance = d.f.Name(n, requests)
			d.suspect &^= 1 << i
		}
	}
	if !d.searched {
		d.searched = true
		d.claims = slices.Clone(r.Claims)
	}
	for i, c := range r.Claims {
		if i < len(d.claims) && c.Reached {
			d.claims[i] = c
		}
	}
	if !r.AllVisited && r.Bound != verdict.AtFirst && d.cut == verdict.NoBound {
		d.cut = r.Bound
	}
	return r.AllVisited, nil
}

// comesRound reports whether a count that does not end comes round in a run, which so is none of the kernel's.
func comesRound(t *trace.Trace) bool {
	return slices.ContainsFunc(t.Steps, func(s trace.Step) bool {
		return slices.ContainsFunc(s.Wrapped, func(v *model.Var) bool { return v.Endless != 0 })
	})
}

// result says what was found.
func (d *decision) result() *verdict.Result {
	r := &verdict.Result{Verdict: verdict.Holds, Complete: true, AllVisited: true, Properties: d.props,
		Claims: d.claims, Memory: d.o.Memory, Any: &d.any, States: d.states, Transitions: d.trans, Depth: d.steps}
	violated := false
	if d.f.Fixed > 0 && d.any.Exact == 0 && d.cut != verdict.NoBound {
		d.suspect = 2*d.deadlock() - 1 // the program without replicas was not searched
		for i, p := range d.props {
			if p.Violated {
				d.suspect &^= 1 << i
			}
		}
	}
	for i := range d.props {
		p := &d.props[i]
		violated = violated || p.Violated
		if d.suspect>>i&1 != 0 {
			p.Open = d.why()
			r.Complete, r.AllVisited = false, false
		}
	}
	if d.fault != nil {
		r.Complete = false
	}
	switch {
	case violated:
		r.Verdict = verdict.Violated
	case !r.Complete || d.unreached() && d.cut != verdict.NoBound:
		r.Verdict, r.Bound, r.Complete = verdict.Incomplete, d.cut, false
	case d.unreached():
		r.Verdict = verdict.Unreached
	}
	r.Duration = time.Since(d.start)
	return r
}

// why says why something is open.
func (d *decision) why() string {
	if d.cut != verdict.NoBound {
		return fmt.Sprintf("cut by %s", d.cut)
	}
	why := fmt.Sprintf("views do not exclude it, and no run was found with up to %d %ss", d.any.Exact, d.f.Kind)
	if d.round {
		why += " but such in which a count comes round"
	}
	if d.y.Unaged != "" {
		why += "; copies of it do not age, since " + d.y.Unaged
	}
	return why
}
