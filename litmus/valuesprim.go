package litmus

// This file finds the values that primitives store and return.

// do runs a primitive.
func (a *analysis) do(s *Stmt, e env) env {
	p := s.Prim
	if s.Addr == nil {
		return e
	}
	found := a.found[s]
	if found == nil {
		found = values{}
		a.found[s] = found
	}
	to := a.flows.reg(a.thread, s.Dst)
	results, refreshed := values{}, values{}
	for v := range a.eval(s.Addr, e, node(-1)) {
		found.add(v, 0)
		if v.kind != anAddr {
			continue
		}
		i := int(v.n)
		stored, got := a.access(s, e, i, to)
		for v, d := range stored {
			if a.cells[i].add(v, d) {
				a.changed = true
			}
		}
		if len(a.cells[i]) > maxValues {
			fail(s.Pos, "%s may have more than %d values; a loop that changes it needs a test that bounds it",
				a.t.cells[i].name, maxValues)
		}
		for v, d := range got {
			results.add(v, d)
		}
		if s.Refresh != "" {
			for v, d := range a.cells[i] {
				refreshed.add(v, a.flows.carried(a.flows.cell(i), a.flows.reg(a.thread, s.Refresh), d))
			}
		}
	}
	if s.Refresh != "" && len(refreshed) > 0 {
		e = join(e, a.assign(s, e, s.Refresh, refreshed))
	}
	if p.Returns == Nought || s.Dst == "" {
		return e
	}
	return a.assign(s, e, s.Dst, results)
}

// oldReg is the name under which an RMW's expression has the value found.
const oldReg = ".old"

// access is the values that an access to a cell may store there, and what it may return.
func (a *analysis) access(s *Stmt, e env, cell int, to node) (stored, got values) {
	here := a.flows.cell(cell)
	carry := func(to node) values {
		out := values{}
		for v, d := range a.cells[cell] {
			out.add(v, a.flows.carried(here, to, d))
		}
		return out
	}
	zeroOne := values{absval{}: 0, truth(true): 0}
	switch p := s.Prim; p.Class {
	case Load:
		return nil, carry(to)
	case Store:
		return a.eval(s.Args[0], e, here), nil
	case RMW, Unless:
		return a.rmw(s, e, cell, to)
	case Cmpxchg:
		if p.Returns == Success {
			return a.eval(s.Args[1], e, here), zeroOne
		}
		return a.eval(s.Args[1], e, here), carry(to)
	case Lock:
		return values{truth(true): 0}, nil
	case Unlock:
		return values{absval{}: 0}, nil
	case Trylock:
		return values{truth(true): 0}, zeroOne
	case IsLocked:
		return nil, carry(to)
	case SrcuLock:
		return nil, values{absval{aCookie, int64(a.section(s))}: 0}
	}
	return nil, nil
}

// rmw is access for an operation on the value found, which need not be done where it says Unless.
func (a *analysis) rmw(s *Stmt, e env, cell int, to node) (stored, got values) {
	p, here := s.Prim, a.flows.cell(cell)
	old := values{}
	for v, d := range a.cells[cell] {
		old.add(v, d)
	}
	sum := combined(s)
	with := e.with(oldReg, old)
	a.flows.oldIs(a.thread, here)
	stored, got = a.eval(sum, with, here), values{}
	switch p.Returns {
	case Old:
		for v, d := range old {
			got.add(v, a.flows.carried(here, to, d))
		}
	case New:
		got = a.eval(sum, with, to)
	case IsZero, IsNegative, Success:
		got = values{absval{}: 0, truth(true): 0}
	}
	return stored, got
}

// combined is what an RMW stores, as an expression of oldReg.
func combined(s *Stmt) *Expr {
	if s.Prim.Combine == OpInt {
		return s.Args[0]
	}
	return binExpr(s.Pos, s.Prim.Combine, regExpr(s.Pos, oldReg), s.Args[0])
}

// section is the number of the critical section that a srcu_read_lock begins.
func (a *analysis) section(s *Stmt) int {
	n, known := a.sections[s]
	if !known {
		n = len(a.sections)
		a.sections[s] = n
	}
	return n
}

// checkAddresses refuses accesses that can be to nothing: to what a register has that is never an address.
func (a *analysis) checkAddresses() {
	for i, th := range a.t.Threads {
		eachStmt(th.Body, func(s *Stmt) {
			if s.Addr == nil || !a.reached[s] {
				return
			}
			for v := range a.found[s] {
				if v.kind == anAddr {
					return
				}
			}
			what := "this"
			if s.Addr.Op == OpReg && s.Addr.Name[0] != '.' {
				what = s.Addr.Name
			}
			fail(s.Pos, "P%d accesses what %s points to, but it is never the address of a location; is a "+
				"parameter of P%d missing?", i, what, i)
		})
	}
}
