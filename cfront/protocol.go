package cfront

import (
	"fmt"
	"slices"
	"strings"

	"modernc.org/cc/v4"

	"ctcheck/model"
)

// This file lowers protocols that say themselves what CPUs run.

// protocol lowers all blocks and claims.
func (l *lowering) protocol() {
	u := l.u
	names := u.cpuNames()
	if len(names) > mostCPUs {
		l.fail(u.blocks[0].def, "there are %d CPUs; a protocol may have %d", len(names), mostCPUs)
	}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			l.fail(u.blocks[0].def, "two CTCHECK_CPU are of %s; write one that does both", name)
		}
		l.cpuVars = append(l.cpuVars, l.p.CPU(name))
	}
	l.cpus = len(names)
	l.layout()
	for _, b := range u.blocks {
		l.try(func() { l.blockOf(b, names) })
	}
	for _, c := range u.claims {
		l.try(func() { l.claimed(c) })
	}
	l.queue = append(l.queue, l.monitors)
}

// blockOf lowers what a CPU or a handler runs.
func (l *lowering) blockOf(b *block, names []string) {
	of := b.names
	if b.kind != "cpu" {
		of = of[:1]
	}
	for _, name := range of {
		i := slices.Index(names, name)
		if i < 0 {
			l.fail(b.def, "there is no CPU %s; CTCHECK_CPU(%s) { ... } says what it runs", name, name)
		}
		cpu, ctx, title := l.cpuVars[i], context{cpu: i}, name
		switch b.kind {
		case "nmi":
			ctx.level, ctx.name, title = model.InNMI, "NMI", "NMI"
			l.nested = b.option("depth", 1) > 1
		case "irq":
			ctx.level, ctx.name, title = model.InIRQ, b.names[1], b.names[1]
		}
		r := l.p.Routine(title, func(*model.Routine) {})
		fn := &function{f: b.def, r: r, returns: b.def.Declarator.Type()}
		l.within(fn, ctx, func() { l.block(b.def.CompoundStatement) })
		switch b.kind {
		case "cpu":
			cpu.Run(r)
			if b.options["service"] != 0 {
				cpu.Service()
			}
		case "nmi":
			cpu.OnNMI(r, int(b.option("times", 1)), int(b.option("depth", 1)))
		case "irq":
			cpu.OnIRQ(b.names[1], r, int(b.option("times", 1)))
		}
	}
}

// option is the number that an option has.
func (b *block) option(name string, usual int64) int64 {
	if k, ok := b.options[name]; ok {
		return k
	}
	return usual
}

// claimed adds what is claimed of states.
func (l *lowering) claimed(c *claim) {
	var e cc.ExpressionNode
	visit(c.def.CompoundStatement, func(n cc.Node) bool {
		if j, ok := n.(*cc.JumpStatement); ok && j.Case == cc.JumpStatementReturn && e == nil {
			e = j.ExpressionList
		}
		return true
	})
	cond := l.watched(e)
	switch c.kind {
	case "reached":
		l.p.ReachedState(c.name, cond)
		return
	}
	m := &model.Monitor{Name: c.name}
	switch c.kind {
	case "never":
		m.Never = cond
	case "at_end":
		m.AtEnd = cond
	case "eventually":
		m.Eventually = cond
	}
	l.p.Monitors = append(l.p.Monitors, m)
}

// watched lowers a condition on states: all of memory is seen, and nothing is done.
func (l *lowering) watched(e cc.ExpressionNode) (cond *model.Node) {
	fn := &function{r: l.p.Routine("claim", func(*model.Routine) {})}
	l.watching = true
	defer func() { l.watching = false }()
	l.within(fn, context{}, func() { l.standing(e, func() { cond = l.cond(e) }) })
	if len(fn.r.Body) > 0 {
		l.fail(e, "what is claimed is an expression over variables, without calls or changes")
	}
	return cond
}

// monitors adds the properties that assertions and warnings make.
func (l *lowering) monitors() {
	on := func(name string, k model.EventKind) {
		l.p.Monitors = append(l.p.Monitors, &model.Monitor{Name: name, On: func(ev model.Event) []*model.Stmt {
			if ev.Kind != k {
				return nil
			}
			return model.Build((*model.Code).Fail)
		}})
	}
	if l.stated[assertions] {
		on(assertions, failedAssertion)
	}
	if l.deferral == nil && slices.ContainsFunc(slices.Collect(l.p.Statements()), func(s *model.Stmt) bool {
		return s.Kind == model.StmtEvent && s.Event == model.Warned
	}) {
		on("no-warnings", model.Warned)
	}
}

// cpuName is what reports call a CPU.
func (l *lowering) cpuName(i int) string {
	switch {
	case i < len(l.cpuVars):
		return l.cpuVars[i].Name
	case i == targetNumber(l.config):
		return "CPUy"
	case l.config.Any && i == 1, !l.config.Any && i == 0:
		return "CPUx"
	case l.config.Any:
		return fmt.Sprintf("CPUx%d", i)
	}
	return fmt.Sprintf("CPUx%d", i+1)
}

// name shortens the names of variables: one of whose copies only one CPU's is used needs no CPU.
func (l *lowering) name() {
	if l.mem == nil {
		return
	}
	taken := map[string]bool{}
	for _, v := range l.p.Vars {
		taken[v.Name] = true
	}
	for _, o := range l.mem.objects {
		if !o.perCPU {
			continue
		}
		used := map[int]bool{}
		for _, c := range o.cells {
			for i := range c.vars {
				used[i] = true
			}
		}
		for _, c := range o.cells {
			for i, v := range c.vars {
				if short := o.name + c.path; len(used) == 1 && !taken[short] {
					v.Name = short
					delete(taken, fmt.Sprintf("%s[%s]%s", o.name, l.cpuName(i-1), c.path))
				}
			}
		}
	}
	for _, v := range l.p.Vars { // static locals are named by their function only where that tells them apart
		if _, short, ok := strings.Cut(v.Name, ":"); ok && !taken[short] {
			v.Name = short
			taken[short] = true
		}
	}
}

// nameAt is what is at an address.
func (l *lowering) nameAt(addr, size int64) string {
	in, ok := l.mem.find(addr)
	if !ok {
		return fmt.Sprint(addr)
	}
	name := in.o.name
	if in.o.perCPU && in.copy > 0 {
		name += "[" + l.cpuName(in.copy-1) + "]"
	}
	if in.off == 0 && in.o.t.Size() == size {
		return name
	}
	return name + pathAt(in.o.t, in.off, size)
}

// pathAt is the path of what is at an offset and has a size.
func pathAt(t cc.Type, off, size int64) string {
	if off == 0 && t.Size() == size {
		return ""
	}
	switch x := t.(type) {
	case *cc.ArrayType:
		if elem := x.Elem().Size(); elem > 0 {
			return fmt.Sprintf("[%d]", off/elem) + pathAt(x.Elem(), off%elem, size)
		}
	case interface {
		NumFields() int
		FieldByIndex(int) *cc.Field
	}:
		for i := range x.NumFields() {
			f := x.FieldByIndex(i)
			if f != nil && f.Offset() <= off && off < f.Offset()+max(f.Type().Size(), 1) {
				path := pathAt(f.Type(), off-f.Offset(), size)
				if f.Name() == "" {
					return path
				}
				return "." + f.Name() + path
			}
		}
	}
	return ""
}
