package cttest_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"ctcheck/model"
)

// A shape is a litmus test: for each CPU a list of instructions without branches. Shapes are written as the
// papers print them, "x=1; EAX=y | y=1; EBX=x", with lower-case names for memory, which is 0 at first, and
// upper-case ones for registers, no two alike.

type instruction struct {
	how  string // "" for a plain MOV, else one of hows, or a barrier
	at   string // the variable; "" for a barrier
	reg  string // of a load
	what int64  // of a store
}

// how says how instructions are made in the kernel's vocabulary, and what the x86 manual would call them.
type how struct {
	store  func(r *model.Routine, label string, v, old *model.Var, x model.Value)
	load   func(r *model.Routine, label string, dst, v *model.Var)
	locked bool // it becomes a locked instruction
}

var hows = map[string]how{
	"": {
		store: func(r *model.Routine, label string, v, _ *model.Var, x model.Value) { r.WriteOnce(label, v, x) },
		load:  func(r *model.Routine, label string, dst, v *model.Var) { r.ReadOnce(label, dst, v) },
	},
	"rel": {store: func(r *model.Routine, label string, v, _ *model.Var, x model.Value) {
		r.StoreRelease(label, v, x)
	}},
	"acq": {load: func(r *model.Routine, label string, dst, v *model.Var) { r.LoadAcquire(label, dst, v) }},
	"xchg": {locked: true, store: func(r *model.Routine, label string, v, old *model.Var, x model.Value) {
		r.Xchg(label, old, v, x)
	}},
	"xchg_relaxed": {locked: true, store: func(r *model.Routine, label string, v, old *model.Var, x model.Value) {
		r.Xchg(label, old, v, x, model.Relaxed)
	}},
	"store_mb": {locked: true, store: func(r *model.Routine, label string, v, _ *model.Var, x model.Value) {
		r.SmpStoreMb(label, v, x)
	}},
}

var barriers = map[string]func(r *model.Routine){
	"mb":                func(r *model.Routine) { r.SmpMb() },
	"wmb":               func(r *model.Routine) { r.SmpWmb() },
	"rmb":               func(r *model.Routine) { r.SmpRmb() },
	"mb__before_atomic": func(r *model.Routine) { r.SmpMbBeforeAtomic() },
	"mb__after_atomic":  func(r *model.Routine) { r.SmpMbAfterAtomic() },
}

// parse reads a shape.
func parse(text string) [][]instruction {
	var cpus [][]instruction
	for code := range strings.SplitSeq(text, "|") {
		var is []instruction
		for part := range strings.SplitSeq(code, ";") {
			words := strings.Fields(part)
			if len(words) == 1 && barriers[words[0]] != nil {
				is = append(is, instruction{how: words[0]})
				continue
			}
			var in instruction
			if len(words) == 2 {
				in.how = words[0]
			}
			left, right, _ := strings.Cut(words[len(words)-1], "=")
			if unicode.IsUpper(rune(left[0])) {
				in.reg, in.at = left, right
			} else {
				in.at = left
				n, err := strconv.ParseInt(right, 10, 64)
				if err != nil {
					panic(err)
				}
				in.what = n
			}
			is = append(is, in)
		}
		cpus = append(cpus, is)
	}
	return cpus
}

// names is the registers and the variables of a shape, each sorted.
func names(cpus [][]instruction) (regs, vars []string) {
	seen := map[string]bool{}
	for _, in := range slices.Concat(cpus...) {
		if in.reg != "" {
			regs = append(regs, in.reg)
		}
		if in.at != "" {
			seen[in.at] = true
		}
	}
	slices.Sort(regs)
	return regs, slices.Sorted(maps.Keys(seen))
}

// program is a shape in ctcheck's vocabulary, and its registers and variables by name. Registers are ghosts
// that take what is loaded.
func program(text string) (*model.Program, map[string]*model.Var) {
	cpus := parse(text)
	p, named := model.New(text), map[string]*model.Var{}
	regs, vars := names(cpus)
	for _, n := range regs {
		named[n] = p.Ghost(n, model.UpTo(3), model.Int(0))
	}
	for _, n := range vars {
		named[n] = p.Shared(n, model.UpTo(3), model.Int(0))
	}
	for i, is := range cpus {
		name := fmt.Sprintf("CPU%d", i)
		p.CPU(name).Run(p.Routine(name, func(r *model.Routine) {
			for _, in := range is {
				instruct(r, in, named)
			}
		}))
	}
	return p, named
}

func instruct(r *model.Routine, in instruction, named map[string]*model.Var) {
	v := named[in.at]
	switch {
	case in.at == "":
		barriers[in.how](r)
	case in.reg != "":
		l := r.LocalOf(strings.ToLower(in.reg), v)
		hows[in.how].load(r, fmt.Sprintf("%s %s = %s", in.how, in.reg, in.at), l, v)
		r.Set(named[in.reg], l)
	default:
		label := fmt.Sprintf("%s %s = %d", in.how, in.at, in.what)
		hows[in.how].store(r, label, v, r.LocalOf("old", v), model.Int(in.what))
	}
}

// What follows computes the final states of a shape in another way: not by running it, but by the
// axioms of Alglave, Maranget and Tautschnig, Herding cats, TOPLAS 36(2), 2014, for x86-TSO as in herd's
// x86tso.cat. A candidate execution says which store each load reads (rf) and in which order the stores to
// each variable reach memory (co). It is allowed if
//   - program order restricted to one variable, rf, fr and co have no cycle (coherence);
//   - no other store comes between the two halves of a locked instruction (atomicity);
//   - rf between CPUs, fr, co, and program order but from a store to a later load have no cycle. The latter
//     counts too where mfence stands between, or one of both is locked.
//
// fr is from a load to the stores that come in co after the one that it reads. Under sequential
// consistency all of rf, fr, co and program order have no cycle.

// An event is a load or store of a candidate execution; one of CPU -1 is the variable's initial value.
type event struct {
	cpu, n int // place in program order
	fences int // mfences before it on its CPU
	at     string
	reg    string // of a load; "" for that of a locked instruction, whose result nobody looks at
	store  bool
	locked bool
	what   int64
}

type candidate struct {
	events []event
	reads  map[int]int      // by load: the store that it reads
	order  map[string][]int // by variable: its stores in coherence order, the initial value first
}

// axiomatic is the final values of the shape's registers and variables named in see, as digits.
func axiomatic(mm model.MemoryModel, text, see string) []string {
	cpus := parse(text)
	_, vars := names(cpus)
	c := &candidate{reads: map[int]int{}, order: map[string][]int{}}
	for _, v := range vars {
		c.events = append(c.events, event{cpu: -1, at: v, store: true})
	}
	for i, is := range cpus {
		fences := 0
		add := func(e event) {
			e.cpu, e.n, e.fences = i, len(c.events), fences
			c.events = append(c.events, e)
		}
		for _, in := range is {
			locked := hows[in.how].locked
			switch {
			case in.how == "mb":
				fences++
			case in.at == "":
			case in.reg != "":
				add(event{at: in.at, reg: in.reg})
			default:
				if locked {
					add(event{at: in.at, locked: true})
				}
				add(event{at: in.at, store: true, what: in.what, locked: locked})
			}
		}
	}
	finals := map[string]bool{}
	c.each(func() {
		if mm == model.SC && c.sequential() || mm == model.TSO && c.tso() {
			finals[c.final(see)] = true
		}
	})
	return slices.Sorted(maps.Keys(finals))
}

// each calls f for every candidate.
func (c *candidate) each(f func()) {
	var loads []int
	stores := map[string][]int{}
	for i, e := range c.events {
		if e.store {
			stores[e.at] = append(stores[e.at], i)
		} else {
			loads = append(loads, i)
		}
	}
	vars := slices.Sorted(maps.Keys(stores))
	var order func(k int)
	order = func(k int) {
		if k == len(vars) {
			c.read(loads, stores, f)
			return
		}
		ss := stores[vars[k]]
		permute(ss[1:], func(perm []int) {
			c.order[vars[k]] = append([]int{ss[0]}, perm...)
			order(k + 1)
		})
	}
	order(0)
}

// read calls f for every way in which the loads can read the stores.
func (c *candidate) read(loads []int, stores map[string][]int, f func()) {
	if len(loads) == 0 {
		f()
		return
	}
	for _, s := range stores[c.events[loads[0]].at] {
		c.reads[loads[0]] = s
		c.read(loads[1:], stores, f)
	}
}

// permute calls f for every order of xs.
func permute(xs []int, f func(perm []int)) {
	if len(xs) == 0 {
		f(nil)
		return
	}
	for i := range xs {
		rest := slices.Delete(slices.Clone(xs), i, i+1)
		permute(rest, func(perm []int) { f(append([]int{xs[i]}, perm...)) })
	}
}

// place is a store's place in coherence order.
func (c *candidate) place(s int) int { return slices.Index(c.order[c.events[s].at], s) }

// po reports whether a comes before b in program order.
func (c *candidate) po(a, b int) bool {
	return c.events[a].cpu >= 0 && c.events[a].cpu == c.events[b].cpu && c.events[a].n < c.events[b].n
}

// rf, fr and co: does a come before b because of what is read or written there?
func (c *candidate) rf(a, b int) bool {
	s, load := c.reads[b]
	return load && !c.events[b].store && s == a
}

func (c *candidate) co(a, b int) bool {
	x, y := c.events[a], c.events[b]
	return x.store && y.store && x.at == y.at && c.place(a) < c.place(b)
}

func (c *candidate) fr(a, b int) bool {
	return !c.events[a].store && c.co(c.reads[a], b)
}

func (c *candidate) external(a, b int) bool { return c.events[a].cpu != c.events[b].cpu }

func (c *candidate) sequential() bool {
	return c.acyclic(func(a, b int) bool { return c.po(a, b) || c.rf(a, b) || c.fr(a, b) || c.co(a, b) }) &&
		c.atomic()
}

func (c *candidate) tso() bool {
	coherent := c.acyclic(func(a, b int) bool {
		return c.po(a, b) && c.events[a].at == c.events[b].at || c.rf(a, b) || c.fr(a, b) || c.co(a, b)
	})
	return coherent && c.atomic() && c.acyclic(func(a, b int) bool {
		x, y := c.events[a], c.events[b]
		kept := !x.store || y.store || x.fences < y.fences || x.locked || y.locked
		return c.po(a, b) && kept || c.rf(a, b) && c.external(a, b) || c.fr(a, b) || c.co(a, b)
	})
}

// atomic reports whether nothing comes between the halves of locked instructions, which stand side by side.
func (c *candidate) atomic() bool {
	for load, e := range c.events {
		if e.locked && !e.store && c.place(load+1) != c.place(c.reads[load])+1 {
			return false
		}
	}
	return true
}

func (c *candidate) acyclic(before func(a, b int) bool) bool {
	left := make([]int, len(c.events))
	for i := range left {
		left[i] = i
	}
	for len(left) > 0 {
		n := len(left)
		left = slices.DeleteFunc(slices.Clone(left), func(b int) bool {
			return !slices.ContainsFunc(left, func(a int) bool { return before(a, b) })
		})
		if len(left) == n {
			return false
		}
	}
	return true
}

func (c *candidate) final(see string) string {
	value := map[string]int64{}
	for v, order := range c.order {
		value[v] = c.events[order[len(order)-1]].what
	}
	for i, e := range c.events {
		if e.reg != "" {
			value[e.reg] = c.events[c.reads[i]].what
		}
	}
	var b strings.Builder
	for name := range strings.FieldsSeq(see) {
		fmt.Fprint(&b, value[name])
	}
	return b.String()
}
