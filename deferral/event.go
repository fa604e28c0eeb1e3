package deferral

import (
	"fmt"
	"strings"

	"ctcheck/model"
)

// This file has the events of deferred work: their kinds, how a protocol states them, and their words.

// The events of a request; their subject is the [Request], of Published where it is known.
const (
	Started   model.EventKind = "started"   // it begins: part of the step that follows
	Answered  model.EventKind = "answered"  // its set_work returned Arg: true means no IPI
	Completed model.EventKind = "completed" // the requesting call is over, IPI sent or not
	Published model.EventKind = "published" // work became visible to the target
)

// The events of the target.
const (
	LeftUser    model.EventKind = "left-user"    // the step that leaves user mode is done
	Flushed     model.EventKind = "flushed"      // this entry's flush, if any, is done
	EnteredUser model.EventKind = "entered-user" // the step that enters user mode is done
	IPIInUser   model.EventKind = "ipi-in-user"  // an IPI arrived in user mode
	Ran         model.EventKind = "ran"          // a callback ran for work bit Arg; the subject is its Origin
)

// Start states that the request begins. The step before it has ended: the next one is the request's first.
func (q *Request) Start(r *model.Routine) {
	r.Helper()
	r.Opening(Started, q, nil)
}

// Publish states that the request's change is visible to the target.
func (q *Request) Publish(r *model.Routine) {
	r.Helper()
	r.EventOf(Published, q, nil)
}

// Answer states what the request's set_work returned; true means that no IPI is needed.
func (q *Request) Answer(r *model.Routine, deferred model.Value) {
	r.Helper()
	r.EventOf(Answered, q, deferred)
}

// Complete states that the requesting call is over.
func (q *Request) Complete(r *model.Routine) {
	r.Helper()
	r.EventOf(Completed, q, nil)
}

// RunWork is the step in which the callback of a work bit runs. The program is at fault where it has no such bit:
// no property would judge it.
func (d *Deferral) RunWork(r *model.Routine, label string, work model.Value, origin Origin) {
	r.Helper()
	r.Pause(label)
	bit := model.Of(work)
	r.Assert(bit.Ge(model.Int(0)).And(bit.Lt(model.Int(d.Works))),
		fmt.Sprintf("%q runs a work bit that the program does not have; it has %d", label, d.Works))
	r.EventOf(Ran, origin, work)
}

// RequestOf is the request that an event is about, or nil.
func RequestOf(ev model.Event) *Request {
	q, _ := ev.Subject.(*Request)
	return q
}

// Text is an event of this package's in a few words, stable for scripts, given its argument's value. It is empty
// where there is nothing to say but what any event has: its kind, its frame or its IPI.
func Text(ev model.Event, value int64) string {
	q := RequestOf(ev)
	switch {
	case q != nil && (ev.Kind == Started || ev.Kind == Completed):
		return fmt.Sprintf("%s request=%d work=%d", ev.Kind, q.Index+1, q.Work)
	case q != nil && ev.Kind == Answered:
		return fmt.Sprintf("%s request=%d work=%d answer=%t", ev.Kind, q.Index+1, q.Work, value != 0)
	case ev.Kind == Ran:
		return fmt.Sprintf("%s work=%d by=%s", ev.Kind, value, strings.ReplaceAll(by(ev), " ", "-"))
	}
	return ""
}

// Note is what a trace notes under a step that an event of this package's belongs to, given its argument's value.
// It is empty where that is nothing.
func Note(ev model.Event, value int64) string {
	q := RequestOf(ev)
	switch {
	case q != nil && ev.Kind == Answered && value != 0:
		return fmt.Sprintf("=> true: WORK_%d is deferred", q.Work)
	case q != nil && ev.Kind == Answered:
		return fmt.Sprintf("=> false: WORK_%d needs an IPI", q.Work)
	case ev.Kind == Ran:
		return fmt.Sprintf("=> WORK_%d runs, by the %s", value, by(ev))
	case ev.Kind == IPIInUser && ev.IPI != nil:
		return "forced by the IPI: " + ev.IPI.Name
	}
	return ""
}

// by is on whose behalf a callback ran, in words; the subject of Ran is an [Origin].
func by(ev model.Event) string { return fmt.Sprint(ev.Subject) }
