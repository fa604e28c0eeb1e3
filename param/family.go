package param

import (
	"errors"
	"fmt"
	"slices"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
)

// This file decides whether a program is a family: whether it is right to speak of any number of CPUs of a kind.

// A System is a program with any number of CPUs of one kind, its replicas, beside those that are there once.
type System struct {
	// Unaged says why copies of a count that does not end do not age; empty if they do, or there is none. The count
	// comes round then.
	Unaged  string
	m       *machine.Machine // an instance with one replica
	replica int              // its number
	mask    []uint64         // the bits of a state that are the replica's own; all others are shared
	raised  []uint64         // those of them that say which of its IPIs are pending
	lines   []bool           // by transition: a CPU takes an IPI of the replica's
	takers  []int            // the CPUs that may
	count   *machine.Count   // that does not end; nil if there is none
	larger  func(full uint64) (*System, error)
}

// ErrNoFamily is what all errors of [New] are.
var ErrNoFamily = errors.New("this cannot be decided for any number of CPUs")

// New makes a system of two instances of a family, with one and with two CPUs that the program says are Replicated.
// The error is an [ErrNoFamily] and says why: a CPU looks at what is a replica's own, a shared variable knows
// replicas apart, or the second instance is not the first one and a CPU more.
func New(one, two *machine.Machine) (*System, error) {
	y, err := newFamily(one, two)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoFamily, err)
	}
	return y, nil
}

func newFamily(one, two *machine.Machine) (*System, error) {
	if a, b := len(one.Program.Replicated), len(two.Program.Replicated); a != 1 || b != 2 {
		return nil, fmt.Errorf("model %s: the instances have %d and %d replicated CPUs, and not 1 and 2; name "+
			"them in Program.Replicated", one.Program.Name, a, b)
	}
	if one.Options().Memory != two.Options().Memory {
		return nil, errors.New("the instances run under different memory models")
	}
	users := usersOf(two.Lowered())
	own, err := owned(two, users)
	if err != nil {
		return nil, err
	}
	a, b := two.Program.Replicated[0], two.Program.Replicated[1]
	mine := func(v *ir.Var) bool { return own[v] != nil }
	if why := two.Interchangeable(a, b, mine); why != "" {
		return nil, fmt.Errorf("%s and %s are not alike: %s", a.Name, b.Name, why)
	}
	before := usersOf(one.Lowered())
	if err := sameBut(one, two, b, func(v *ir.Var) bool {
		return own[v] == b || len(users[v])+len(before[v]) == 0 // nobody uses it
	}); err != nil {
		return nil, err
	}
	y := newSystem(one, func(v *ir.Var) bool {
		return slices.ContainsFunc(append(pending(two), two.Lowered().Globals...), func(w *ir.Var) bool {
			return w.Kind == v.Kind && w.Name == v.Name && own[w] == a
		})
	})
	if y.count, err = one.Count(); err != nil {
		y.Unaged = err.Error() // it comes round, which is only more
	}
	return y, nil
}

// newSystem lays out the states of the instance with one replica; own tells the variables that are the replica's.
func newSystem(m *machine.Machine, own func(v *ir.Var) bool) *System {
	low, r := m.Lowered(), m.Program.Replicated[0]
	y := &System{m: m, replica: r.Index, lines: make([]bool, m.Transitions())}
	var vars, lines []*ir.Var
	for _, v := range low.Globals {
		if own(v) {
			vars = append(vars, v)
		}
	}
	for _, v := range pending(m) {
		if own(v) {
			lines = append(lines, v)
		}
	}
	y.mask, y.raised = m.Mask(r, append(vars, lines...)), m.Mask(nil, lines)
	for t := range y.lines {
		tr := m.Transition(t)
		if tr.Kind == ir.PushIPI && slices.Contains(lines, low.CPUs[tr.CPU].Pending[tr.Index]) {
			y.lines[t] = true
			if !slices.Contains(y.takers, tr.CPU) {
				y.takers = append(y.takers, tr.CPU)
			}
		}
	}
	return y
}

// pending is the variables of all IPIs.
func pending(m *machine.Machine) (vs []*ir.Var) {
	for _, c := range m.Lowered().CPUs {
		for _, v := range c.Pending {
			if v != nil {
				vs = append(vs, v)
			}
		}
	}
	return vs
}

// owned finds, in an instance with two replicas, which variables are of one of them alone. The error is of one that
// a replica and somebody else use, but not the other replica.
func owned(m *machine.Machine, users map[*ir.Var][]*model.CPU) (map[*ir.Var]*model.CPU, error) {
	replicas := m.Program.Replicated
	for _, c := range m.Lowered().CPUs {
		for in := range codeOf(m.Lowered(), c) {
			if err := stacks(in, c.CPU, replicas); err != nil {
				return nil, err
			}
		}
	}
	own := map[*ir.Var]*model.CPU{}
	for v, by := range users {
		first, second := slices.Contains(by, replicas[0]), slices.Contains(by, replicas[1])
		if first == second {
			continue
		}
		r := replicas[0]
		if second {
			r = replicas[1]
		}
		if len(by) > 1 {
			i := slices.IndexFunc(by, func(c *model.CPU) bool { return c != r })
			return nil, fmt.Errorf("%s uses %q, which is %s's own and of no other CPU of its kind",
				by[i].Name, v.Name, r.Name)
		}
		own[v] = r
	}
	return own, claims(m.Lowered(), own, replicas)
}

// usersOf is the CPUs whose code uses each variable that is not a local, and each IPI.
func usersOf(low *ir.Program) map[*ir.Var][]*model.CPU {
	users := map[*ir.Var][]*model.CPU{}
	for _, c := range low.CPUs {
		for in := range codeOf(low, c) {
			for _, v := range append(in.Reads(), in.Writes()...) {
				if (v.Kind == ir.Global || v.Kind == ir.Pending) && !slices.Contains(users[v], c.CPU) {
					users[v] = append(users[v], c.CPU)
				}
			}
		}
	}
	for _, c := range slices.Concat(low.Never, low.AtEnd, low.Reach) {
		for _, v := range variables(c.Cond) {
			if users[v] == nil {
				users[v] = []*model.CPU{nil} // no CPU, and yet not nobody
			}
		}
	}
	return users
}

// stacks refuses an instruction that asks where a replica is, unless it is the replica's own.
func stacks(in *ir.Instr, of *model.CPU, replicas []*model.CPU) (err error) {
	in.Exprs(func(e *ir.Expr) {
		if r := looksAt(e, replicas); r != nil && r != of {
			err = fmt.Errorf("%s asks where %s is, and would have to ask it of any number", of.Name, r.Name)
		}
	})
	return err
}

// looksAt is a replica whose stack an expression asks for, or nil.
func looksAt(e *ir.Expr, replicas []*model.CPU) *model.CPU {
	if e == nil {
		return nil
	}
	if e.CPU != nil && slices.Contains(replicas, e.CPU.CPU) {
		return e.CPU.CPU
	}
	if r := looksAt(e.A, replicas); r != nil {
		return r
	}
	return looksAt(e.B, replicas)
}

// claims refuses claims that speak of a replica: a view knows one, and they may mean several.
func claims(low *ir.Program, own map[*ir.Var]*model.CPU, replicas []*model.CPU) error {
	for _, c := range slices.Concat(low.Never, low.AtEnd) {
		r := looksAt(c.Cond, replicas)
		for _, v := range variables(c.Cond) {
			if own[v] != nil {
				r = own[v]
			}
		}
		if r != nil {
			return fmt.Errorf("a claim over states speaks of %s, of which there are any number; let a shared "+
				"ghost keep what it asks", r.Name)
		}
	}
	if low.Races != 0 {
		return errors.New("that there is no data race is a claim over two CPUs, of which a view knows one; leave " +
			"no-data-race out")
	}
	if len(low.Live) > 0 {
		return errors.New("a claim on whole runs is not decided for any number of CPUs; leave it out")
	}
	return nil
}

// variables is those that an expression reads.
func variables(e *ir.Expr) (vs []*ir.Var) {
	if e == nil {
		return nil
	}
	if e.Var != nil {
		vs = append(vs, e.Var)
	}
	return append(append(vs, variables(e.A)...), variables(e.B)...)
}
