package model

// A Record is what a transition did, in words: the raw material of a trace.
type Record struct {
	Stmt    *Stmt // nil when an IPI or NMI was pushed
	Frame   Frame
	Routine string
	Writes  []Write // locals that the step's access assigned
	Events  []Happening
	Wrapped []*Var // modular variables that went past the end of their range
	Waits   *Write // the store that went into the CPU's buffer instead of memory
	// Stored is what had put the store into the buffer that now reached memory: of several statements that store
	// to the same variable in the same way, any one, for states do not tell them apart. Traces do.
	Stored *Stmt
	// Accesses is what the step did to shared memory, in order; a store that waits is a write of its own step.
	Accesses []Access
}

// An Access is one access to shared memory that a step made.
type Access struct {
	Stmt  *Stmt
	Read  bool
	Write bool // of a compare-and-exchange: it succeeded
}

// A Write is a local that took the result of an access, or a shared variable with what is stored to it.
type Write struct {
	Var   *Var
	Value int64
}

// A Happening is an event with its argument's value.
type Happening struct {
	Event
	Value int64
}

func (r *Record) step(in *instr) {
	if r.Stmt == nil {
		r.Stmt, r.Frame, r.Routine = in.stmt, in.frame, in.routine
	}
}

func (r *Record) event(m *Machine, s []uint64, in *instr) {
	h := Happening{Event: *in.ev}
	if in.arg != nil {
		h.Value = m.eval(s, in.arg)
	}
	r.Events = append(r.Events, h)
}

// A Binding is a variable with its value in a state.
type Binding struct {
	Var   *Var
	Value int64
}

// Globals are the shared variables and ghosts with their values in s, in order of declaration.
func (m *Machine) Globals(s []uint64) []Binding {
	bs := make([]Binding, len(m.globals))
	for i, l := range m.globals {
		bs[i] = Binding{l.v, l.get(s)}
	}
	return bs
}

// Pending is the IPIs that are pending in s.
func (m *Machine) Pending(s []uint64) []*IPI {
	var is []*IPI
	for i := range m.cpus {
		for j, l := range m.cpus[i].pending {
			if l.get(s) != 0 {
				is = append(is, m.cpus[i].IPIs[j])
			}
		}
	}
	return is
}

// Stack is the frames of a CPU in s, outermost first.
func (m *Machine) Stack(s []uint64, cpu int) []Frame {
	var fs []Frame
	c := &m.cpus[cpu]
	for i := range c.levels {
		lv := &c.levels[i]
		if pc := lv.pc.get(s) - lv.bias; pc >= 0 {
			fs = append(fs, lv.points[pc].frame)
		}
	}
	return fs
}
