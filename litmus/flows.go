package litmus

// This file finds which registers and locations depend on themselves, through others perhaps, by the values that
// are assigned: the strongly connected parts of the graph of what flows into what. It does not look at the order
// of statements, and takes every location for the address of each access that is not constant and may have it.

// A node is a location or a register.
type node int

type flows struct {
	t     *Test
	regs  []map[string]node
	next  [][]node
	part  []int  // of each node
	loops []bool // of each part: it has a cycle
	most  []int  // of each part: how many statements operate in it; -1 without a bound
	old   map[int]node
}

// flow makes the graph and finds its parts.
func (t *Test) flow() *flows {
	f := &flows{t: t, next: make([][]node, len(t.cells)), old: map[int]node{}}
	for range t.Threads {
		f.regs = append(f.regs, map[string]node{})
	}
	for i, th := range t.Threads {
		eachStmt(th.Body, func(s *Stmt) { f.edges(i, s) })
	}
	f.parts()
	return f
}

// countAll counts what bounds the operations of each part, given how often loops go round.
func (f *flows) countAll(trips map[*Stmt]int) {
	f.most = make([]int, len(f.loops))
	for i, th := range f.t.Threads {
		f.count(i, th.Body, 1, trips)
	}
}

func (f *flows) cell(i int) node { return node(i) }

// reg is the node of a register.
func (f *flows) reg(thread int, name string) node {
	if name == "" {
		return -1
	}
	if n, ok := f.old[thread]; ok && name == oldReg {
		return n
	}
	n, known := f.regs[thread][name]
	if !known {
		n = node(len(f.next))
		f.regs[thread][name] = n
		f.next = append(f.next, nil)
		if f.part != nil { // it takes part in nothing
			f.part = append(f.part, len(f.loops))
			f.loops = append(f.loops, false)
			f.most = append(f.most, 0)
		}
	}
	return n
}

// oldIs says which location the value found is of.
func (f *flows) oldIs(thread int, cell node) { f.old[thread] = cell }

func (f *flows) edge(from, to node) {
	if from >= 0 && to >= 0 {
		f.next[from] = append(f.next[from], to)
	}
}

// edges adds what flows in a statement.
func (f *flows) edges(thread int, s *Stmt) {
	dst := f.reg(thread, s.Dst)
	from := func(e *Expr, to node) {
		e.each(func(e *Expr) {
			if e.Op == OpReg {
				f.edge(f.reg(thread, e.Name), to)
			}
		})
	}
	if s.Kind == Assign {
		from(s.Value, dst)
	}
	if s.Kind != Do || s.Addr == nil {
		return
	}
	for _, i := range f.mayBe(s.Addr) {
		cell := f.cell(i)
		for k, arg := range s.Args {
			if s.Prim.Class != Cmpxchg || k == 1 {
				from(arg, cell)
				if s.Prim.Returns == New {
					from(arg, dst)
				}
			}
		}
		f.edge(cell, dst)
		f.edge(cell, f.reg(thread, s.Refresh))
		if s.Prim.Class == RMW && s.Prim.Combine != OpInt || s.Prim.Class == Unless {
			f.edge(cell, cell)
		}
	}
}

// mayBe is the cells that an address may be of: of a name that one, or its array; of what a register has, any.
func (f *flows) mayBe(addr *Expr) []int {
	if addr.Op == OpAddr {
		return []int{f.t.byName[addr.Name]}
	}
	all := make([]int, len(f.t.cells))
	for i := range all {
		all[i] = i
	}
	return all
}

// parts finds the strongly connected parts (Tarjan).
func (f *flows) parts() {
	n := len(f.next)
	f.part = make([]int, n)
	index, low, on := make([]int, n), make([]int, n), make([]bool, n)
	var stack []node
	count := 0
	var visit func(v node)
	visit = func(v node) {
		count++
		index[v], low[v] = count, count
		stack, on[v] = append(stack, v), true
		loops := false
		for _, w := range f.next[v] {
			loops = loops || v == w
			if index[w] == 0 {
				visit(w)
				low[v] = min(low[v], low[w])
			} else if on[w] {
				low[v] = min(low[v], index[w])
			}
		}
		if low[v] != index[v] {
			return
		}
		size := 0
		for {
			w := stack[len(stack)-1]
			stack, on[w] = stack[:len(stack)-1], false
			f.part[w] = len(f.loops)
			if size++; w == v {
				break
			}
		}
		f.loops = append(f.loops, loops || size > 1)
	}
	for v := range f.next {
		if index[v] == 0 {
			visit(node(v))
		}
	}
}

// count counts the statements that operate on a part and leave the result in it.
// Each is taken so many times; -1 without a bound.
func (f *flows) count(thread int, list []*Stmt, times int, trips map[*Stmt]int) {
	add := func(to node) {
		if to < 0 {
			return
		}
		if p := f.part[to]; times < 0 {
			f.most[p] = -1
		} else if f.most[p] >= 0 {
			f.most[p] += times
		}
	}
	for _, s := range list {
		switch {
		case s.Kind == Assign && operates(s.Value):
			add(f.reg(thread, s.Dst))
		case s.Kind == Do && s.Addr != nil:
			if !f.stores(s) {
				break
			}
			parts := map[int]bool{}
			for _, i := range f.mayBe(s.Addr) {
				if p := f.part[f.cell(i)]; !parts[p] {
					parts[p] = true
					add(f.cell(i))
				}
			}
			if dst := f.reg(thread, s.Dst); dst >= 0 && !parts[f.part[dst]] {
				add(dst)
			}
		}
		inside := times
		if n := trips[s]; s.Kind == Loop && (n < 0 || times < 0) {
			inside = -1
		} else if s.Kind == Loop {
			inside = min(times*max(n, 1), 1<<20)
		}
		f.count(thread, s.Body, inside, trips)
		f.count(thread, s.Else, times, trips)
	}
}

// stores reports whether what a primitive stores, or returns, is the result of an operation.
func (f *flows) stores(s *Stmt) bool {
	switch s.Prim.Class {
	case RMW:
		return s.Prim.Combine != OpInt || operates(s.Args[0])
	case Unless:
		return true
	case Store, Cmpxchg:
		return operates(s.Args[len(s.Args)-1])
	}
	return false
}

// operates reports whether the value of an expression may be one that none of its registers has, and not just 0
// or 1.
func operates(e *Expr) bool {
	switch e.Op {
	case OpInt, OpReg, OpAddr, OpNot, OpEq, OpNe, OpLt, OpLe, OpBoth, OpEither:
		return false
	case OpIf:
		return operates(e.B) || operates(e.C)
	}
	return true
}

// together reports whether two nodes are in one part.
func (f *flows) together(a, b node) bool { return a >= 0 && b >= 0 && f.part[a] == f.part[b] }

// cyclic reports whether a node depends on itself.
func (f *flows) cyclic(n node) bool { return n >= 0 && f.loops[f.part[n]] }

// bound is how many operations may lead to a value of a node.
func (f *flows) bound(n node) int {
	if n < 0 || f.most[f.part[n]] < 0 {
		return 1 << 30
	}
	return f.most[f.part[n]]
}

// carried is the depth of a value that flows from one node to another unchanged.
func (f *flows) carried(from, to node, depth int) int {
	if f.together(from, to) {
		return depth
	}
	return 0
}
