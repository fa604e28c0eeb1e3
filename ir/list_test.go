package ir_test

import (
	"fmt"
	"slices"
	"testing"

	"ctcheck/ir"
	"ctcheck/model"
)

// lowered is a program of one CPU that runs the code.
func lowered(t *testing.T, build func(p *model.Program, r *model.Routine)) *ir.Program {
	t.Helper()
	p := model.New("solo")
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) { build(p, r) }))
	low, err := ir.Lower(p)
	if err != nil {
		t.Fatal(err)
	}
	return low
}

// Ways that a constant condition excludes are not to be met, and the others are, whatever the condition; an
// alternative is listed even if nothing leads into it.
func TestCoverables(t *testing.T) {
	low := lowered(t, func(p *model.Program, r *model.Routine) {
		b := r.Local("b", model.Bool)
		x := p.Shared("x", model.Bool, model.False)
		r.ReadOnce("b = x", b, x)
		r.DoWhile(func() { r.Pause("for ever") }, model.True)
		r.DoWhile(func() { r.Pause("once") }, model.False)
		r.If(b, func() { r.Pause("if") })
		r.Choose(r.When(b, func() { r.Pause("perhaps") }), r.When(model.True, func() { r.Pause("surely") }),
			r.When(model.False, func() { r.Pause("never") }))
	})
	var got []string
	for _, c := range low.Coverables() {
		got = append(got, fmt.Sprintf("%d %s %d %t", c.Stmt().Kind, c.Stmt().Label, c.Way, c.Compiled))
	}
	step := func(kind model.StmtKind, label string) string {
		return fmt.Sprintf("%d %s %d true", kind, label, ir.Itself)
	}
	way := func(kind model.StmtKind, w int, is bool) string { return fmt.Sprintf("%d  %d %t", kind, w, is) }
	want := []string{step(model.StmtAccess, "b = x"),
		way(model.StmtDoWhile, ir.WayTrue, true), step(model.StmtPause, "for ever"),
		way(model.StmtDoWhile, ir.WayFalse, true), step(model.StmtPause, "once"),
		way(model.StmtIf, ir.WayTrue, true), way(model.StmtIf, ir.WayFalse, true), step(model.StmtPause, "if"),
		way(model.StmtChoose, 0, true), way(model.StmtChoose, 1, true), way(model.StmtChoose, 2, false),
		step(model.StmtPause, "perhaps"), step(model.StmtPause, "surely"), step(model.StmtPause, "never")}
	if !slices.Equal(got, want) {
		t.Errorf("coverables\n%q, want\n%q", got, want)
	}
}

// An event is listed once with each value of its argument: the one it is given, if that is constant.
func TestHappeningsOfConstants(t *testing.T) {
	const told model.EventKind = "told"
	low := lowered(t, func(_ *model.Program, r *model.Routine) {
		v := r.Local("v", model.Bool)
		r.EventOf(told, nil, model.Int(7))
		r.EventOf(told, nil, model.Int(7))
		r.EventOf(told, nil, v)
		r.Pause("stay")
	})
	var got []int64
	for _, h := range low.Happenings() {
		if h.Kind == told {
			got = append(got, h.Value)
		}
	}
	if want := []int64{7, 0, 1}; !slices.Equal(got, want) {
		t.Errorf("values %v, want %v", got, want)
	}
}

// zeros is the names of the locals of the CPU's own code that are zero between any two steps.
func zeros(low *ir.Program) (names []string) {
	lv := low.CPUs[0].Levels[0]
	for _, slot := range low.AlwaysZero(lv, ir.Flow{Program: low}.Boundaries(lv)) {
		names = append(names, lv.Locals[slot][0].Name)
	}
	return names
}

// A local tells states apart if it is not zero on one of the ways to a boundary, whichever is looked at first.
func TestAlwaysZero(t *testing.T) {
	for _, row := range []struct {
		name  string
		build func(r *model.Routine, v, w *model.Var)
		want  []string
		why   string
	}{
		{"then", func(r *model.Routine, v, w *model.Var) {
			r.If(w, func() { r.Set(v, model.Int(2)) })
			r.Pause("p")
		}, nil, "it is 2 after the branch was taken"},
		{"else", func(r *model.Routine, v, w *model.Var) {
			r.If(w, func() {}, func() { r.Set(v, model.Int(2)) })
			r.Pause("p")
		}, nil, "it is 2 after the branch was not taken"},
		{"loop", func(r *model.Routine, v, w *model.Var) {
			r.DoWhile(func() { r.Pause("p"); r.Set(v, model.Int(2)) }, w)
		}, nil, "it is 2 from the second time on"},
		{"again", func(r *model.Routine, v, w *model.Var) {
			r.Set(v, model.Int(2))
			r.Set(v, model.Int(0))
			r.Pause("p")
		}, []string{"v"}, "it is zero again"},
		{"both", func(r *model.Routine, v, w *model.Var) {
			r.Set(v, w)
			r.Set(w, model.Int(0))
			r.While(v.IsZero().And(w.IsZero()).IsZero(), func() { r.Set(v, model.Int(0)) })
			r.Pause("p")
		}, []string{"v", "w"}, "the loop is left when both are"},
		{"either", func(r *model.Routine, v, w *model.Var) {
			r.Set(v, w)
			r.If(v.Or(w), func() { r.Set(v, model.Int(0)); r.Set(w, model.Int(0)) })
			r.Pause("p")
		}, []string{"v", "w"}, "one that is not zero is made so"},
	} {
		low := lowered(t, func(p *model.Program, r *model.Routine) {
			v, w := r.Local("v", model.UpTo(3)), r.Local("w", model.UpTo(3))
			x := p.Shared("x", model.UpTo(3), model.Int(0))
			r.ReadOnce("w = x", w, x)
			row.build(r, v, w)
			r.Set(w, model.Int(0))
		})
		if got := zeros(low); !slices.Equal(got, row.want) && !(row.want == nil && !slices.Contains(got, "v")) {
			t.Errorf("%s: %v are always zero, want %v: %s", row.name, got, row.want, row.why)
		}
	}
}
