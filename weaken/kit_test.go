package weaken

import (
	"fmt"
	"strings"
	"testing"

	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/survey"
)

// This file has what the tests share: programs as text, so that trees of statements can be compared, and
// tables of small protocols.

// write appends a list of statements as text.
func write(b *strings.Builder, stmts []*model.Stmt, indent string) {
	for _, s := range stmts {
		fmt.Fprintf(b, "%s%s\n", indent, line(s))
		write(b, s.Body, indent+"  ")
		if len(s.Else) > 0 {
			b.WriteString(indent + "else\n")
			write(b, s.Else, indent+"  ")
		}
		for _, a := range s.Alts {
			b.WriteString(indent + "when " + expr(a.Guard) + "\n")
			write(b, a.Body, indent+"  ")
		}
	}
}

var ops = [...]string{"load", "store", "or", "and", "andnot", "add", "sub", "xchg", "cmpxchg", "try_cmpxchg",
	"store-bits"}

var results = [...]string{"", " old", " new", " success"}

// labelled names the kinds of statements of which a label says the rest.
var labelled = map[model.StmtKind]string{model.StmtPause: "pause", model.StmtAtomic: "atomic",
	model.StmtFence: "fence", model.StmtAssert: "assert"}

// line is one statement without those inside it.
func line(s *model.Stmt) string {
	name := func(v *model.Var) string {
		if v == nil {
			return "_"
		}
		return v.Name
	}
	switch s.Kind {
	case model.StmtAccess:
		text := fmt.Sprintf("%s = %s.%s%s %s(%s", name(s.Dst), ops[s.Op], orderNames[s.Order], results[s.Result],
			target(s), expr(s.Arg))
		if s.Old != nil {
			text += " if " + expr(s.Old)
		}
		if s.OldVar != nil {
			text += ", refresh " + s.OldVar.Name
		}
		if s.Cond != nil {
			text += ", until " + expr(s.Cond)
		}
		return text + ")"
	case model.StmtAssign:
		return fmt.Sprintf("%s := %s", name(s.Dst), expr(s.Arg))
	case model.StmtIf:
		return "if " + expr(s.Cond)
	case model.StmtWhile, model.StmtDoWhile:
		return fmt.Sprintf("loop(%d) %s", s.Kind, expr(s.Cond))
	case model.StmtCall:
		var args []string
		for _, a := range s.Args {
			args = append(args, expr(a))
		}
		return fmt.Sprintf("%s = call %s(%s)", name(s.Dst), s.Call.Name, strings.Join(args, ", "))
	case model.StmtReturn:
		return "return " + expr(s.Arg)
	case model.StmtEvent:
		return fmt.Sprintf("event %s", s.Event)
	}
	if name, ok := labelled[s.Kind]; ok {
		return name + " " + s.Label
	}
	return fmt.Sprintf("kind %d fence %d frame %s %s", s.Kind, s.Fence, s.Frame, s.Label)
}

func expr(n *model.Node) string {
	switch {
	case n == nil:
		return ""
	case n.Op == model.OpConst:
		return fmt.Sprint(n.K)
	case n.Op == model.OpVar:
		return n.Var.Name
	case n.Op == model.OpDone || n.Op == model.OpFrame || n.Op == model.OpHandler:
		return fmt.Sprintf("(%d %s %d)", n.Op, n.CPU.Name, n.Frames)
	case n.Op == model.OpPending:
		return "pending " + n.IPI.Name
	}
	return fmt.Sprintf("(%s %d %s)", expr(n.A), n.Op, expr(n.B))
}

// dump is a whole program as text.
func dump(p *model.Program) string {
	var b strings.Builder
	for _, v := range p.Vars {
		fmt.Fprintf(&b, "%s %+v %d\n", v.Name, v.Range, v.Init)
	}
	seen := map[*model.Routine]bool{}
	p.Walk(func(pl model.Place) {
		if r := pl.Routine; !seen[r] {
			seen[r] = true
			fmt.Fprintf(&b, "%s:", r.Name)
			for _, v := range append(r.Params[:len(r.Params):len(r.Params)], r.Locals...) {
				fmt.Fprintf(&b, " %s %+v", v.Name, v.Range)
			}
			b.WriteByte('\n')
			write(&b, r.Body, "  ")
		}
	})
	return b.String()
}

// program is a program whose CPU A runs the code.
func program(build func(p *model.Program, v *model.Var, r *model.Routine)) *model.Program {
	p := model.New("small")
	v := p.Shared("v", model.Bits(3), model.Int(0))
	p.CPU("A").Run(p.Routine("code", func(r *model.Routine) { build(p, v, r) }))
	return p
}

// changed is the code of a program after the only change of a kind that it admits.
func changed(t *testing.T, kind Kind, p *model.Program) string {
	t.Helper()
	found, _ := findings(p)
	var of []finding
	for _, f := range found {
		if f.kind == kind {
			of = append(of, f)
		}
	}
	if len(of) != 1 {
		t.Fatalf("%d changes of kind %s in\n%s", len(of), kind, dump(p))
	}
	if of[0].apply(p) == 0 {
		t.Fatal("nothing was changed")
	}
	var b strings.Builder
	write(&b, p.CPUs[0].Main.Body, "")
	return b.String()
}

var both = []model.MemoryModel{model.SC, model.TSO}

// design is the table of a design in configurations of the matrix, all if none is named.
func design(t *testing.T, name string, keys ...string) *Table {
	t.Helper()
	d, ok := models.Find(name)
	if !ok {
		t.Fatalf("no design %s", name)
	}
	var configs []models.NamedConfig
	for _, c := range models.Matrix() {
		if len(keys) == 0 || strings.Contains(" "+strings.Join(keys, " ")+" ", " "+c.Key+" ") {
			configs = append(configs, c)
		}
	}
	cases, err := Cases(d, configs, survey.DefaultProps())
	if err != nil {
		t.Fatal(err)
	}
	tab := run(t, cases)
	tab.Model, tab.Source = d.Name, d.Source
	return tab
}

func run(t *testing.T, cases []*Case) *Table {
	t.Helper()
	tab, err := New(cases, both)
	if err != nil {
		t.Fatal(err)
	}
	if err := tab.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return tab
}

// protocol is the table of one program.
func protocol(t *testing.T, build func() (*model.Program, []*model.Monitor)) *Table {
	t.Helper()
	return run(t, []*Case{{Name: "only", Build: func() (*model.Program, []*model.Monitor, error) {
		p, ms := build()
		return p, ms, nil
	}}})
}

// row finds a row by its kind, and a part of its statement and, of a swap, of the other one; of orders the
// one that leads to relaxed.
func row(t *testing.T, tab *Table, kind Kind, statement, next string) *Row {
	t.Helper()
	for _, r := range tab.Rows {
		if r.Kind == kind && strings.Contains(r.Statement, statement) && strings.Contains(r.Next, next) &&
			(kind != Order || r.To == model.Relaxed) {
			return r
		}
	}
	t.Fatalf("%s has no row %s of %q", tab.Model, kind, statement)
	return nil
}
