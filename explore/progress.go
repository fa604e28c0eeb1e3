package explore

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"ctcheck/machine"
	"ctcheck/states"
)

// A Progress is where a search stands, for whoever looks on while it runs. The zero value is ready for use, by one
// search at a time; a nil one is told nothing. The figures are those of the last block of states, and belong
// together only roughly.
type Progress struct {
	mu        sync.Mutex // guards phase and of
	phase, of string
	entered   uint64 // how many phases there were
	total     atomic.Uint64
	done      atomic.Uint64
	states    atomic.Uint64
	trans     atomic.Uint64
	frontier  atomic.Int64
	depth     atomic.Int64
	bytes     atomic.Uint64
	seen      func(phase, of string) // for tests: called with mu held
}

// A Status is what a Progress says at one time.
type Status struct {
	Phase    string // what is done: "search", "fair runs", "shortest run", ...
	Of       string // of which property, or in which store buffers; may be empty
	Phases   uint64 // that there were, this one included
	Done     uint64 // of the phase, in units of its own
	Total    uint64 // all of it; 0 where that is not known
	States   uint64 // stored
	Trans    uint64 // taken
	Frontier uint64 // states that wait to be expanded, or, depth first, those on the path
	Depth    int
	Bytes    uint64 // that the tables hold
}

// Status is where the search stands.
func (p *Progress) Status() Status {
	p.mu.Lock()
	s := Status{Phase: p.phase, Of: p.of, Phases: p.entered}
	p.mu.Unlock()
	s.Done, s.Total = p.done.Load(), p.total.Load()
	s.States, s.Trans = p.states.Load(), p.trans.Load()
	s.Frontier, s.Depth = uint64(max(p.frontier.Load(), 0)), int(p.depth.Load())
	s.Bytes = p.bytes.Load()
	return s
}

// Enter begins a phase, which has so much to do; 0 where that is not known.
func (p *Progress) Enter(phase, of string, total uint64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.phase, p.of = phase, of
	p.entered++
	if p.seen != nil {
		p.seen(phase, of)
	}
	p.done.Store(0)
	p.total.Store(total)
	p.states.Store(0)
	p.trans.Store(0)
	p.frontier.Store(0)
	p.depth.Store(0)
}

// Advance says that so much more of the phase is done.
func (p *Progress) Advance(n uint64) {
	if p != nil {
		p.done.Add(n)
	}
}

// within names a phase inside another one, and returns what goes back to that.
func (p *Progress) within(phase string) (back func()) {
	if p == nil {
		return func() {}
	}
	swap := func(phase, of string) (string, string) {
		p.mu.Lock()
		defer p.mu.Unlock()
		was, wasOf := p.phase, p.of
		p.phase, p.of = phase, of
		p.entered++
		if p.seen != nil {
			p.seen(phase, of)
		}
		return was, wasOf
	}
	was, of := swap(phase, "")
	return func() { swap(was, of) }
}

// counted is told where a search that one goroutine makes stands. It is called every so often.
func (p *Progress) counted(c *counts, frontier int) {
	if p == nil {
		return
	}
	p.states.Store(c.states)
	p.trans.Store(c.transitions)
	p.frontier.Store(int64(frontier))
	p.depth.Store(int64(c.depth))
	p.bytes.Store(c.bytes)
}

// numbered is counted of a search that numbers its states, and holds so many bytes besides what is counted and the
// set.
func (p *Progress) numbered(c *counts, set *states.Set, extra uint64, frontier int) {
	now := *c
	now.states, now.bytes = uint64(set.Len()), c.bytes+set.Bytes()+extra
	p.counted(&now, frontier)
}

// A reported is what a worker has said so far.
type reported struct {
	states, trans uint64
	waiting       int
}

// tell says what a worker has done since it last did.
func (w *worker) tell() {
	p := w.search.in.o.Progress
	if p == nil {
		return
	}
	current, next := w.frontier.Waiting()
	now := reported{w.table.Len(), w.counts.transitions, current + next}
	p.states.Add(now.states - w.told.states)
	p.trans.Add(now.trans - w.told.trans)
	p.frontier.Add(int64(now.waiting - w.told.waiting))
	p.bytes.Store(uint64(w.search.budget.held.Load()))
	w.told = now
}

// searching is what a search of the machine is of: nothing, or the store buffers that it has.
func searching(m *machine.Machine) string {
	if !m.Options().Memory.HasBuffers() {
		return ""
	}
	var rooms []string
	for _, n := range m.Options().BufferSizes {
		rooms = append(rooms, fmt.Sprint(n))
	}
	return "store buffers of " + strings.Join(rooms, ", ") + " entries"
}
