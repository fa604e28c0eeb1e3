package param

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
)

// This file compares two instances of a family: the larger one must be the smaller one with one CPU more, or
// what is found of the one says nothing of the other.

// codeOf is the instructions of a CPU.
func codeOf(low *ir.Program, c *ir.CPU) iter.Seq[*ir.Instr] {
	return func(yield func(*ir.Instr) bool) {
		for i := range c.Levels {
			from, to := levelCode(low, c, i)
			for ip := from; ip < to; ip++ {
				if !yield(&low.Code[ip]) {
					return
				}
			}
		}
	}
}

// levelCode is where the code of a level begins and ends.
func levelCode(low *ir.Program, c *ir.CPU, level int) (from, to int) {
	from, to = c.Levels[level].Entries[0], len(low.Code)
	switch {
	case level+1 < len(c.Levels):
		to = c.Levels[level+1].Entries[0]
	case c.Index+1 < len(low.CPUs):
		to = low.CPUs[c.Index+1].Levels[0].Entries[0]
	}
	return from, to
}

// sameBut is an error unless two is one with a CPU more, which has variables of its own that extra tells. What
// differs in the code of a handler whose line is the CPU's own is left out.
func sameBut(one, two *machine.Machine, more *model.CPU, extra func(v *ir.Var) bool) error {
	a, b := one.Lowered(), two.Lowered()
	common := func(vs []*ir.Var) []*ir.Var { return slices.DeleteFunc(slices.Clone(vs), extra) }
	if x, y := names(common(a.Globals)), names(common(b.Globals)); x != y {
		return fmt.Errorf("an instance with one replica more has other variables: %s, and %s", x, y)
	}
	cpus := slices.DeleteFunc(slices.Clone(b.CPUs), func(c *ir.CPU) bool { return c.CPU == more })
	if len(cpus) != len(a.CPUs) {
		return fmt.Errorf("an instance with one replica more has %d CPUs more", len(b.CPUs)-len(a.CPUs))
	}
	for i, c := range a.CPUs {
		d := cpus[i]
		if c.Name != d.Name || len(c.Levels) != len(d.Levels) || c.NMITotal != d.NMITotal ||
			c.NMIDepth != d.NMIDepth || c.IsService != d.IsService {
			return fmt.Errorf("an instance with one replica more has another %s", c.Name)
		}
		for j := range c.Levels {
			x, y := handlers(a, c, j, extra), handlers(b, d, j, extra)
			if !slices.Equal(x, y) {
				return fmt.Errorf("the code of %s is another one in an instance with one replica more", c.Name)
			}
		}
	}
	for i, pair := range [][2][]ir.Check{{a.Never, b.Never}, {a.AtEnd, b.AtEnd}} {
		if checks(pair[0]) != checks(pair[1]) {
			return fmt.Errorf("the claims over %s are others in an instance with one replica more",
				[]string{"states", "the end"}[i])
		}
	}
	return nil
}

func names(vs []*ir.Var) string {
	var list []string
	for _, v := range vs {
		init := int64(0)
		if v.Source != nil {
			init = v.Source.Init
		}
		list = append(list, fmt.Sprint(v.Name, " ", v.Lo, "..", v.Hi, " ", v.Modular, " ", init))
	}
	return strings.Join(list, ", ")
}

func checks(cs []ir.Check) string {
	var list []string
	for _, c := range cs {
		list = append(list, fmt.Sprint(c.Bits, " ", text(c.Cond)))
	}
	return strings.Join(list, "\n")
}

// handlers is the code of a level as text, without the handlers of lines that are left out.
func handlers(low *ir.Program, c *ir.CPU, level int, leftOut func(v *ir.Var) bool) (list []string) {
	_, to := levelCode(low, c, level)
	entries := c.Levels[level].Entries
	for i, start := range entries {
		end := to
		if i+1 < len(entries) {
			end = entries[i+1]
		}
		name := ""
		if c.Levels[level].Context == model.InIRQ {
			if p := c.Pending[i]; p != nil && leftOut(p) {
				continue
			}
			name = fmt.Sprint(c.IPIs[i].Name, " ", c.IPIs[i].Device, " ", c.IPIs[i].Total)
		}
		list = append(list, "entry "+name)
		for ip := start; ip < end; ip++ {
			list = append(list, instruction(&low.Code[ip], start))
		}
	}
	return list
}

// instruction is all that an instruction does as text, jumps from the start of its code.
func instruction(in *ir.Instr, start int) string {
	var b strings.Builder
	fmt.Fprint(&b, in.Op, " ", in.Step, in.Inside, " ", in.Frame, " ", in.Bits, " ", in.Why)
	if in.Stmt != nil {
		fmt.Fprint(&b, " ", in.Stmt.Kind, in.Stmt.Op, in.Stmt.Result, in.Stmt.Order, in.Stmt.Raise, in.Stmt.IRQ,
			" ", in.Stmt.Label)
	}
	switch in.Op {
	case ir.OpUnless, ir.OpJump, ir.OpVisible:
		fmt.Fprint(&b, " to ", in.To-start)
	}
	if in.Effect != 0 {
		fmt.Fprint(&b, " until ", in.Effect-start)
	}
	for _, v := range []*ir.Var{in.Var, in.Dst, in.Old} {
		if v != nil {
			fmt.Fprint(&b, " ", v.Kind, v.Name, v.Range, v.Slot)
		} else {
			b.WriteString(" -")
		}
	}
	for _, e := range []*ir.Expr{in.Arg, in.Expected, in.Cond} {
		b.WriteString(" " + text(e))
	}
	for _, a := range in.Alts {
		fmt.Fprint(&b, " ", text(a.Guard), " -> ", a.To-start)
	}
	return b.String()
}

// text is an expression in prefix form.
func text(e *ir.Expr) string {
	if e == nil {
		return "-"
	}
	s := fmt.Sprint("(", e.Op, " ", e.K)
	if e.Var != nil {
		s += " " + e.Var.Name
	}
	if e.CPU != nil {
		s += fmt.Sprint(" ", e.CPU.Name, " ", e.Frames)
	}
	return s + " " + text(e.A) + " " + text(e.B) + ")"
}
