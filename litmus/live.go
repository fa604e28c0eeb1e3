package litmus

import "slices"

// This file finds where registers are read for the last time, so that a model forgets them there: values that
// nobody will ask for would tell states apart.

// A liveness is the work on a thread.
type liveness struct {
	after  map[*Stmt][]string    // registers to forget behind a statement
	at     map[*Stmt][2][]string // and at the beginning of the two ways of an If
	breaks []regset              // of each Loop and Once around: what is read behind it
}

type regset map[string]bool

func (a regset) union(b regset) regset {
	out := regset{}
	for _, s := range []regset{a, b} {
		for r := range s {
			out[r] = true
		}
	}
	return out
}

// minus is the registers of a that are not in b, in order.
func (a regset) minus(b regset) []string {
	var out []string
	for r := range a {
		if !b[r] {
			out = append(out, r)
		}
	}
	slices.Sort(out)
	return out
}

// lastReads looks at a thread at whose end some registers are asked for.
func lastReads(list []*Stmt, atEnd regset) *liveness {
	l := &liveness{after: map[*Stmt][]string{}, at: map[*Stmt][2][]string{}}
	l.list(list, atEnd)
	return l
}

// list is what is read from the beginning of a list on, given what is read behind it.
func (l *liveness) list(list []*Stmt, out regset) regset {
	for _, s := range slices.Backward(list) {
		out = l.stmt(s, out)
	}
	return out
}

func (l *liveness) stmt(s *Stmt, out regset) regset {
	switch s.Kind {
	case If:
		yes, no := l.list(s.Body, out), l.list(s.Else, out)
		both := yes.union(no).union(uses(s))
		l.at[s] = [2][]string{both.minus(yes), both.minus(no)}
		return both
	case Once, Loop:
		l.breaks = append(l.breaks, out)
		defer func() { l.breaks = l.breaks[:len(l.breaks)-1] }()
		if s.Kind == Once {
			return l.list(s.Body, out)
		}
		in := regset{}
		for n := -1; n != len(in); {
			n = len(in)
			in = in.union(l.list(s.Body, in))
		}
		return in
	case Break:
		return l.breaks[len(l.breaks)-1]
	}
	in := uses(s)
	written := regset{s.Dst: true, s.Refresh: true}
	for r := range out {
		if r != s.Dst {
			in[r] = true
		}
	}
	dead := in.union(written).minus(out)
	l.after[s] = slices.DeleteFunc(dead, func(r string) bool { return r == "" })
	return in
}

// uses is the registers that the expressions of a statement read.
func uses(s *Stmt) regset {
	in := regset{}
	for _, e := range s.exprs() {
		e.each(func(e *Expr) {
			if e.Op == OpReg {
				in[e.Name] = true
			}
		})
	}
	if s.Refresh != "" {
		in[s.Refresh] = true
	}
	return in
}
