// Package props has the claims that a protocol is held against.
//
// [Always], [Never] and [AtEnd] speak of states, for any program, and [NoDataRace] of what can happen next there.
// The other named properties of [All] speak of deferred work: they need a program with a [deferral.Deferral] that
// has a target, and judge the events of that package. [Select] and [Default] make monitors of them for one
// program, and [Explain] says in a sentence what a run of it broke. Each claim is a [model.Monitor]: ghosts, and
// ghost code that rides on the events.
//
// Most are violated, if at all, by a finite run (safety). [Eventually], [InfinitelyOften], terminates
// and a part of no-lost-work speak of whole runs (liveness): they are violated by a run that goes on
// for ever, or stops, without doing what is claimed. Only fair runs count, and package explore says
// which those are: a CPU that can step does so in the end, also out of user mode or the kernel's body,
// where it may stay for any time but not for ever; an IPI that can be delivered again and again is
// delivered; an NMI need never come. So a claim that needs more than that, that no setter of several
// starves, say, has to be stated as such, and one that holds here rests on no more than that.
package props

import (
	"fmt"
	"slices"

	"ctcheck/deferral"
	"ctcheck/ir"
	"ctcheck/model"
)

// Always claims that cond is true in every reachable state.
func Always(name string, cond model.Value) *model.Monitor {
	return Never(name, model.Of(cond).IsZero())
}

// Never claims that cond is false in every reachable state.
func Never(name string, cond model.Value) *model.Monitor {
	return &model.Monitor{Name: name, Never: cond}
}

// AtEnd claims that cond is true whenever every CPU has ended.
func AtEnd(name string, cond model.Value) *model.Monitor {
	return &model.Monitor{Name: name, AtEnd: cond}
}

// Eventually claims that every fair run has a state in which cond is true. It is violated by a run
// that goes on for ever, or stops, at a proper end or a deadlock, without such a state.
func Eventually(name string, cond model.Value) *model.Monitor {
	return &model.Monitor{Name: name, Eventually: cond}
}

// InfinitelyOften claims that cond is true again and again in every fair run, and in the end of one
// that stops: no fair run has a state after which cond is never true.
func InfinitelyOften(name string, cond model.Value) *model.Monitor {
	return &model.Monitor{Name: name, NotForever: []model.Value{model.Of(cond).IsZero()}}
}

// A Property is a named claim.
type Property struct {
	Name    string
	Doc     string // one sentence: when it holds
	Default bool   // checked unless others are asked for
	general bool   // it speaks of any program, not of deferred work
	monitor func(l *ledger) *model.Monitor
	explain func(d *deferral.Deferral, events []ir.Happening) string
}

// All is the named properties, in the order in which they are reported.
func All() []Property {
	return []Property{
		{"no-double-execution",
			"at every moment, for each work bit, its executions do not exceed the requests started for it",
			true, false, noDoubleExecution, explainDouble},
		{"no-lost-work",
			"a request answered true is served by the target's next kernel entry, one answered false by " +
				"its IPI, and neither at the end nor on a fair run without end is one outstanding for ever",
			true, false, noLostWork, explainLost},
		{"no-flush-in-user",
			"a callback runs only in a kernel frame, after the step that leaves user mode",
			true, false, noFlushInUser, explainUser},
		{"no-late-work",
			"while the target runs kernel code outside entry, exit and NMIs, every request answered true " +
				"is served",
			true, false, lateWork("no-late-work", model.Frames(model.Body, model.IRQ)), explainLate},
		{"no-late-work-in-nmi",
			"while the target runs an NMI's handler, every request answered true is served",
			false, false, lateWork("no-late-work-in-nmi", model.Frames(model.NMIBody)), explainLate},
		{"no-set-in-kernel",
			"set_work does not answer true while the target is past its flush and before its exit step",
			true, false, noSetInKernel, explainSet},
		{"no-warn", "no WARN_ON_ONCE fires", true, false, noWarn, explainWarn},
		{"no-needless-ipi",
			"a request answered false found the target outside user mode at some instant of the call",
			false, false, noNeedlessIPI, explainNeedless},
		{"no-starved-ipi",
			"an urgent request whose call has returned is served, or an IPI is pending or some call may " +
				"still send one, while the target is in user mode",
			true, false, noStarvedIPI, explainStarved},
		{"no-ipi-in-user",
			"no IPI reaches the target in user mode (a measure: every design has such runs)",
			false, false, noIPIInUser, explainIPI},
		{"terminates",
			"no run stops before every CPU has ended (a deadlock), and on no fair run without end is there a " +
				"time after which no call returns and the target finishes no entry or exit (a livelock)",
			true, false, terminates, explainTerminates},
		{"no-starved-set",
			"on every fair run every call of set_work returns, whatever the others do (stronger than terminates, " +
				"which lets a call try again for ever while the target comes and goes)",
			false, false, noStarvedSet, explainStarvedSet},
		{"no-data-race",
			"no two CPUs can next access the same variable, at least one of them to write it and at least one by " +
				"a plain access (two inside Atomics do not count)",
			false, true, func(*ledger) *model.Monitor { return NoDataRace() }, nil},
	}
}

// Names is the names of all named properties.
func Names() []string {
	var names []string
	for _, p := range All() {
		names = append(names, p.Name)
	}
	return names
}

// Find is the named property of that name.
func Find(name string) (Property, bool) {
	for _, p := range All() {
		if p.Name == name {
			return p, true
		}
	}
	return Property{}, false
}

// Void says why the named property cannot be asked of the program; it is empty if it can.
func Void(p *model.Program, name string) string {
	d := deferralOf(p)
	if reason := d.Void[name]; reason != "" {
		return reason
	}
	if pr, ok := Find(name); ok && !pr.general && d.Target == nil {
		return "the program has no target CPU"
	}
	if name == "no-double-execution" && d.Unbounded(0) {
		return "any number of requests ask for WORK_0, so that it is not known how often it may run; give their " +
			"number"
	}
	urgent := func(q *deferral.Request) bool { return q.Urgent }
	if name == "no-starved-ipi" && !slices.ContainsFunc(d.Requests, urgent) {
		return "no request is urgent"
	}
	if name == "no-data-race" && !hasPlain(p) {
		return "no access is plain"
	}
	return ""
}

// deferralOf is the program's deferral, or an empty one.
func deferralOf(p *model.Program) *deferral.Deferral {
	if d := deferral.Of(p); d != nil {
		return d
	}
	return &deferral.Deferral{}
}

// Stronger is a monitor that is violated wherever the named property is, and perhaps where it is not, for a program
// of which the property cannot be asked since any number of requests ask for one work bit; nil if there is none.
func Stronger(p *model.Program, name string) *model.Monitor {
	d := deferralOf(p)
	if name == "no-double-execution" && d.Void[name] == "" && d.Target != nil && d.Unbounded(0) {
		return flushCredit(newLedger(d))
	}
	return nil
}

// Applicable is the names of all named properties that are not vacuous for the program.
func Applicable(p *model.Program) []string {
	return slices.DeleteFunc(Names(), func(n string) bool { return Void(p, n) != "" })
}

// Default is the default set for the program, without those that are vacuous for it: none where there
// is no deferred work to speak of.
func Default(p *model.Program) []*model.Monitor {
	if deferralOf(p).Target == nil {
		return nil
	}
	var names []string
	for _, pr := range All() {
		if pr.Default && Void(p, pr.Name) == "" {
			names = append(names, pr.Name)
		}
	}
	ms, err := Select(p, names...)
	if err != nil {
		panic(err) // the names are our own, and there is a target
	}
	return ms
}

// Select is the named properties as monitors of one program. The error names an unknown property,
// one that is vacuous for the program, or says that the program has no target CPU and the property needs one.
func Select(p *model.Program, names ...string) ([]*model.Monitor, error) {
	if len(names) == 0 {
		return nil, nil
	}
	d := deferralOf(p)
	special := func(n string) bool { pr, ok := Find(n); return ok && !pr.general }
	if d.Target == nil && slices.ContainsFunc(names, special) {
		return nil, fmt.Errorf("model %s has no target CPU, which the named properties speak of; "+
			"use --props none, or claims of its own", p.Name)
	}
	l := newLedger(d)
	var ms []*model.Monitor
	for _, pr := range All() {
		if slices.Contains(names, pr.Name) {
			ms = append(ms, pr.monitor(l))
		}
	}
	for _, n := range names {
		if _, ok := Find(n); !ok {
			return nil, fmt.Errorf("no property is called %q", n)
		}
		if reason := Void(p, n); reason != "" {
			return nil, fmt.Errorf("%s is vacuous for model %s: %s; leave it out", n, p.Name, reason)
		}
	}
	return ms, nil
}
