package plain

import "ctcheck/model"

// This file has x86-TSO. Each CPU has a list of stores that are not yet in memory, of any length. What a
// CPU loads is memory as it will be when its own list is there. The handlers of a CPU use its list, and
// return when it is empty.

// A store is one that waits. What is told when it gets to memory is what the statement that made it says,
// and is told of the place where that was.
type store struct {
	v     *model.Var
	part  int64 // the bits of v that are stored; 0 for the whole of it
	value int64
	stmt  *model.Stmt
	ctx   model.Context
	depth int
}

// later tells apart stores that do the same to memory but have different things told of them.
func (x *explorer) later(st store) []int64 {
	if len(st.stmt.Body) == 0 {
		return nil
	}
	if _, known := x.stmts[st.stmt]; !known {
		x.stmts[st.stmt] = len(x.stmts)
	}
	return []int64{int64(x.stmts[st.stmt]), int64(st.ctx), int64(st.depth)}
}

// merge is a with the bits of b that are in part.
func merge(a, b, part int64) int64 { return a ^ (a^b)&part }

// over is the value x of v after the store.
func (st store) over(v *model.Var, x int64) int64 {
	switch {
	case st.v != v:
		return x
	case st.part != 0:
		return merge(x, st.value, st.part)
	}
	return st.value
}

// seen is the value of a variable as the CPU that moves sees it.
func (r *run) seen(v *model.Var) int64 {
	x := r.get(v)
	for _, st := range r.after.cpus[r.cpu].waiting {
		x = st.over(v, x)
	}
	return x
}

// waits reports whether stores of the CPU wait.
func (r *run) waits() bool { return len(r.after.cpus[r.cpu].waiting) > 0 }

// buffers reports whether a statement is a store that may wait: xchg, which is how stores of order Full
// are made, locks the bus, and so does an Atomic.
func (r *run) buffers(s *model.Stmt) bool {
	isStore := s.Op == model.Store || s.Op == model.StoreBits
	return r.x.tso && isStore && s.Order != model.Full && !r.level().atomic()
}

// buffer makes a store wait.
func (r *run) buffer(s *model.Stmt, v *model.Var) {
	st := store{v: v, value: r.eval(s.Arg), stmt: s, ctx: r.level().context, depth: r.depth()}
	if s.Op == model.StoreBits {
		st.part = r.eval(s.Old)
		st.value &= st.part
	} else {
		st.value, _ = r.fit(v, st.value)
	}
	c := r.after.cpus[r.cpu]
	c.waiting = append(c.waiting, st)
}

// flush is the transition in which the store that has waited longest gets to memory.
func (r *run) flush() {
	c := r.after.cpus[r.cpu]
	st := c.waiting[0]
	c.waiting = c.waiting[1:]
	r.set(st.v, st.over(st.v, r.get(st.v)))
	r.visible(st.stmt, st.ctx, st.depth)
}

// visible tells what happens when an access takes effect.
func (r *run) visible(s *model.Stmt, ctx model.Context, depth int) {
	for _, e := range s.Body {
		r.eventOf(model.Event{Kind: e.Event, Subject: e.Subject, IPI: e.IPI, Label: e.Label}, ctx, depth)
	}
}

// fence goes past a barrier. smp_mb() waits until no store does. It is a step of its own if the CPU had
// come to stand before it, which it does only if it must wait.
func (r *run) fence(s *model.Stmt) {
	if s.Fence != model.FenceMb {
		return
	}
	if r.blocked = r.waits(); r.blocked {
		return
	}
	r.moved = r.moved || s == r.here
}
