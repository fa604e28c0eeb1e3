package ir_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"ctcheck/ir"
	"ctcheck/model"
)

// mark is the line of its caller, and what is expected of the error there.
type mark struct {
	line int
	text string
}

type marks []mark

// here expects an error of the line on which it is called.
func (ms *marks) here(text string) {
	_, _, line, _ := runtime.Caller(1)
	*ms = append(*ms, mark{line, text})
}

var place = regexp.MustCompile(`^model faulty: (.*faults_test\.go:(\d+): )?(.*)$`)

// compare holds the lines of an error against what is expected, in its order; a line of 0 stands for none.
func (ms marks) compare(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != len(ms) {
		t.Fatalf("%d faults, want %d:\n%v", len(lines), len(ms), err)
	}
	for i, m := range ms {
		at := fmt.Sprint(m.line)
		if m.line == 0 {
			at = ""
		}
		got := place.FindStringSubmatch(lines[i])
		if got == nil || got[2] != at || !strings.Contains(got[3], m.text) {
			t.Errorf("%q, want line %q and %q", lines[i], at, m.text)
		}
	}
}

// What is wrong with a program is found when it is built, all of it, and reported when it is lowered, with the
// lines.
func TestFaultsOfTheBuilder(t *testing.T) {
	var ms marks
	p := model.New("faulty")
	var none *model.Var
	ms.here(`variable x: the initial value is refused: it is nil`)
	x := p.Shared("x", model.UpTo(2), nil) // the line after the mark
	ms[0].line++
	c := p.CPU("CPU0")
	var f *model.Routine
	f = p.Routine("f", func(r *model.Routine) {
		l := r.Local("l", model.UpTo(2))
		ms.here(`f: "f": the routine is nil here`)
		r.Call(f, nil)
		ms.here(`f: "x = nil": an operand is nil`)
		r.WriteOnce("x = nil", x, none)
		ms.here(`f: "l = READ_ONCE(nil)": an access needs a shared variable, and this one is nil`)
		r.ReadOnce("l = READ_ONCE(nil)", l, none)
		ms.here(`f: "Set": the variable is nil`)
		r.Set(none, l)
		ms.here(`f: "If": an operand is an empty expression`)
		r.If(model.All(l, model.Expr{}), func() { r.Pause("then") })
		ms.here(`f: "frame 77": there is no such frame`)
		r.Frame(77, func() {})
		ms.here(`f: "f": the code that builds it fails: runtime error: invalid memory address`)
		r.If(none.Eq(l), func() {})
	})
	for i := range ms[1:] {
		ms[i+1].line++
	}
	ms[1].text = `f: "Call": the routine is nil here`
	c.Run(f)
	ms.here("CPU CPU0: Run is called twice")
	c.Run(f)
	ms.here("CPU CPU0: Run: the routine is nil")
	c.Run(nil)
	c.OnNMI(f, 1, 1)
	ms.here("CPU CPU0: OnNMI is called twice")
	c.OnNMI(f, 1, 1)
	ms.here("the IPI line: an argument is refused: it must be a constant")
	c.IPI("line", f, x)
	for i := range ms[8:] {
		ms[i+8].line++
	}
	_, err := ir.Lower(p)
	ms.compare(t, err)
	for i, s := range p.Faults() {
		if !strings.HasSuffix(strings.Split(err.Error(), "\n")[i], s) {
			t.Errorf("%q is not what the error says", s)
		}
	}
}

// Where the builder found nothing the lowering goes on after a fault, and reports each once, whoever calls the
// code.
func TestFaultsOfTheLowering(t *testing.T) {
	var ms marks
	p := model.New("faulty")
	x := p.Shared("x", model.UpTo(2), model.Int(0))
	other := model.New("other").Shared("y", model.Bool, model.False)
	leaf := p.Routine("leaf", func(r *model.Routine) {
		r.If(r.Param("n", model.UpTo(3)), func() {
			ms.here("y is not a variable of this program")
			r.WriteOnce("y = 1", other, model.True)
		})
		ms.here("Break outside a loop in leaf")
		r.Break()
	})
	main := p.Routine("main", func(r *model.Routine) {
		r.Call(leaf, nil, model.Int(1))
		ms.here("leaf is called with n = 5, outside 0..3")
		r.Call(leaf, nil, model.Int(5))
		ms.here("main reads x in an expression")
		r.While(x, func() {
			ms.here("")
			r.Frame(model.NMIBody, func() {})
		})
		ms.here("Break outside a loop in main")
		r.Break()
		r.Call(leaf, nil, model.Int(2))
		ms.here("Choose inside Atomic in main")
		r.Atomic("both", func() { r.Choose(r.When(model.True, func() { r.Pause("p") })) })
	})
	ms = append(ms[:4], ms[5:]...) // what is inside a loop without a condition is not looked at
	p.CPU("CPU0").Run(main)
	p.CPU("CPU1").Run(main)
	p.CPU("CPU2")
	l := main.Local("l", model.Bool)
	for i := range ms {
		ms[i].line++
	}
	_, err := ir.Lower(p)
	marks{{0, "CPU CPU2 has no code"}}.compare(t, err)

	p.CPUs = p.CPUs[:2]
	ghost := model.NewGhost("g", model.Bool, model.False)
	ms.here("an operand is nil")
	m := &model.Monitor{Name: "m", Never: ghost.Eq(nil), AtEnd: l, Ghosts: []*model.Var{ghost}}
	ms[len(ms)-1].line++
	ms = append(ms, mark{0, "a property uses l"}, mark{0, `an operand is nil; use model.Int, model.True or an ` +
		`expression (it is what "m" claims)`}, mark{0, "a property speaks of an IPI"})
	m.NotForever = []model.Value{(*model.Var)(nil)}
	m.Eventually = (&model.IPI{}).Pending()
	_, err = ir.Lower(p, m)
	ms.compare(t, err)
}

// Ghost code has no program that could keep its faults: it says itself what is wrong, and so do ghosts.
func TestFaultsOfGhostCode(t *testing.T) {
	var ms marks
	p := model.New("faulty")
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) { r.Event(model.Warned); r.Event(model.Warned) }))
	ghost := model.NewGhost("g", model.UpTo(2), model.Int(0))
	m := &model.Monitor{Name: "m", Ghosts: []*model.Var{ghost}}
	m.On = func(model.Event) []*model.Stmt {
		ms = nil
		return model.Build(func(c *model.Code) {
			ms.here(`"Set": an operand is nil`)
			c.Set(ghost, nil)
			ms.here(`"Set": the variable is nil`)
			c.Set(nil, ghost)
			ms.here(`only assign, branch and fail`)
			c.Pause("pause")
			ms.here(`"ghost code": the code that builds it fails: runtime error: invalid memory address`)
			c.Set(ghost, (*model.Var)(nil).Add(ghost))
		})
	}
	_, err := ir.Lower(p, m)
	for i := range ms {
		ms[i].line++
	}
	ms.compare(t, err)

	ms = nil
	ms.here("variable g: the range 1..0 is empty")
	m.Ghosts[0] = model.NewGhost("g", model.Range{Lo: 1}, model.Int(0))
	ms.here("g has 0 elements")
	m.Ghosts = append(m.Ghosts, model.NewGhostArray("g", 0, model.Bool, model.False).Vars...)
	m.Ghosts = append(m.Ghosts, nil)
	ms = append(ms, mark{-1, `a ghost of the monitor "m" is nil`})
	for i := range ms {
		ms[i].line++
	}
	_, err = ir.Lower(p, m)
	ms.compare(t, err)
}

// The places are those of the author's lines, wherever the code that was written for others is.
func TestFaultsOfHelpers(t *testing.T) {
	p := model.New("faulty")
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		bump(&r.Code, nil)
	}))
	_, _, line, _ := runtime.Caller(0)
	_, err := ir.Lower(p)
	want := fmt.Sprintf("faults_test.go:%d: ", line-2)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want it at %s", err, want)
	}
	if filepath.Base(p.CPUs[0].Main.Body[0].File) != "faults_test.go" {
		t.Errorf("the statement is in %s", p.CPUs[0].Main.Body[0].File)
	}
}

func bump(c *model.Code, v *model.Var) {
	c.Helper()
	c.AtomicAdd("v += 1", v, model.Int(1))
}
