package ir_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ctcheck/internal/testkit"
	"ctcheck/ir"
	"ctcheck/model"
)

// A malformed program is refused by Lower with an error, never a panic, that names the place and
// the cure. Rows build one CPU's routine; the monitors that they return are those asked for.
var malformed = []struct {
	name  string
	build func(p *model.Program, r *model.Routine) []*model.Monitor
	parts []string
	why   string
}{
	{"CPU without code", func(p *model.Program, r *model.Routine) []*model.Monitor { p.CPU("CPU7"); return nil },
		[]string{"CPU7", "no code", "Run"}, "the cure is the method to call"},
	{"NMIs without depth", func(p *model.Program, r *model.Routine) []*model.Monitor {
		p.CPUs[0].OnNMI(p.Routine("NMI", func(*model.Routine) {}), 1, -1)
		return nil
	}, []string{"OnNMI of CPU", "-1 deep"}, "no level to run at"},
	{"IPI with an argument too many", func(p *model.Program, r *model.Routine) []*model.Monitor {
		p.CPUs[0].IPI("line", p.Routine("handler", func(*model.Routine) {}), model.Int(1))
		return nil
	}, []string{"line", "1 arguments", "handler 0 parameters"}, "it would be dropped"},
	{"IPI of another program", func(p *model.Program, r *model.Routine) []*model.Monitor {
		other := model.New("other").CPU("CPU5")
		r.SendIPI("send", other.IPI("line", p.Routine("handler", func(*model.Routine) {})))
		return nil
	}, []string{"main", "not one of this program's"}, "there is nobody to interrupt"},
	{"monitors in a circle", func(p *model.Program, r *model.Routine) []*model.Monitor {
		a := &model.Monitor{Name: "a"}
		a.Uses = []*model.Monitor{{Uses: []*model.Monitor{a}}}
		return []*model.Monitor{a}
	}, []string{`"a" uses itself`}, "no order puts each after those that it uses"},
	{"a monitor called no-deadlock", func(p *model.Program, r *model.Routine) []*model.Monitor {
		return []*model.Monitor{{Name: "no-deadlock", Never: model.False}}
	}, []string{"no-deadlock", "otherwise"}, "the search has a property of that name"},
	{"part of a word that the state chooses", func(p *model.Program, r *model.Routine) []*model.Monitor {
		v := p.Shared("v", model.Bits(2), model.Int(0))
		mask := r.LocalOf("mask", v)
		r.ReadOnce("mask = v", mask, v)
		r.WriteOncePart("part = 1", v, mask, model.Int(1))
		return nil
	}, []string{"part = 1", "depend on the state"}, "an access is to a fixed part of memory"},
	{"two CPUs of one name", func(p *model.Program, r *model.Routine) []*model.Monitor {
		p.CPU(p.CPUs[0].Name).Run(r)
		return nil
	}, []string{"two CPUs are called"}, "a trace could not tell them apart"},
	{"an assertion that is known to be false", func(p *model.Program, r *model.Routine) []*model.Monitor {
		f := p.Routine("f", func(r *model.Routine) {
			r.Assert(r.Param("n", model.UpTo(3)).Lt(model.Int(2)), "n has to be less than 2")
		})
		r.Call(f, nil, model.Int(1))
		r.Call(f, nil, model.Int(2))
		return nil
	}, []string{"n has to be less than 2", "malformed_test.go:"}, "the program is not what its author meant"},
	{"an atomic access to a plain variable", func(p *model.Program, r *model.Routine) []*model.Monitor {
		v := p.Plain("shared->count", model.Bool, model.False)
		l := r.LocalOf("l", v)
		r.ReadPlain("l = shared->count", l, v)
		r.AtomicOr("atomic_or(1, &shared->count)", v, model.True)
		return nil
	}, []string{"atomic_or(1, &shared->count)", "malformed_test.go:", "declared plain", "ReadPlain", "Shared"},
		"it would order what its declaration says is not ordered"},
	{"part of what is not bits", func(p *model.Program, r *model.Routine) []*model.Monitor {
		r.WriteOncePart("low = 1", p.Shared("x", model.UpTo(5), model.False), model.True, model.True)
		return nil
	}, []string{"low = 1", "outside 0..5", "Bits"}, "2 of 4 and 1 make 6 or 7"},
	{"part that is none", func(p *model.Program, r *model.Routine) []*model.Monitor {
		r.WriteOncePart("high = 1", p.Shared("x", model.Bool, model.False), model.Int(2), model.True)
		return nil
	}, []string{"high = 1", "mask 2"}, "x has no such bit"},
	{"an address of a ghost", func(p *model.Program, r *model.Routine) []*model.Monitor {
		addr := p.Addresses(model.UpTo(0), "g")
		r.ReadOnce("READ_ONCE(*ptr)", nil, addr.Deref(r.Local("ptr", addr.Range())))
		p.Ghost("g", model.Bool, model.False)
		return nil
	}, []string{"READ_ONCE(*ptr)", "accesses g", "no shared variable"}, "the kernel has no such variable"},
	{"an address of nothing", func(p *model.Program, r *model.Routine) []*model.Monitor {
		addr := p.Addresses(model.UpTo(0), "x", "y")
		p.Shared("x", model.Bool, model.False)
		r.ReadOnce("READ_ONCE(*ptr)", nil, addr.Deref(r.Local("ptr", addr.Range())))
		return nil
	}, []string{"malformed_test.go:", "*ptr", "y is not declared"}, "there is nothing to find there"},
	{"a constant address of nothing", func(p *model.Program, r *model.Routine) []*model.Monitor {
		addr := p.Addresses(model.UpTo(0), "x", "y")
		p.Shared("x", model.Bool, model.False)
		r.ReadOnce("READ_ONCE(*&y)", nil, addr.Deref(addr.Of("y")))
		return nil
	}, []string{"*&y: y is not declared"}, "nor by way of a constant"},
	{"an index that is wrong in one call", func(p *model.Program, r *model.Routine) []*model.Monitor {
		a := p.Array("a", 2, model.Bool, model.False)
		f := p.Routine("f", func(r *model.Routine) {
			r.ReadOnce("READ_ONCE(a[i])", nil, a.At(r.Param("i", model.UpTo(3))))
		})
		r.Call(f, nil, model.Int(1))
		r.Call(f, nil, model.Int(2))
		return nil
	}, []string{"malformed_test.go:", "a[i]: the index is 2, outside 0..1"}, "it is known before any run"},
	{"an index that may be wrong in an expression", func(p *model.Program, r *model.Routine) []*model.Monitor {
		a := p.GhostArray("a", 2, model.Bool, model.False)
		r.If(a.At(r.Local("i", model.UpTo(2))), func() { r.Pause("then") })
		return nil
	}, []string{"malformed_test.go:", "a[i]", "the index is 2, outside 0..1", "smaller range"},
		"expressions have no error"},
	{"an index without bounds in an expression", func(p *model.Program, r *model.Routine) []*model.Monitor {
		a := p.GhostArray("a", 2, model.Bool, model.False)
		r.If(a.At(r.Local("i", model.Bits(32))), func() { r.Pause("then") })
		return nil
	}, []string{"a[i]", "may be anything", "smaller range"}, "nor can all its values be looked at"},
	{"a frame of handlers in a CPU's own code", func(p *model.Program, r *model.Routine) []*model.Monitor {
		r.Frame(model.NMIEntry, nil)
		return nil
	}, []string{"malformed_test.go:", "main", "nmi-entry", "a CPU's own code"}, "no NMI is there"},
	{"user mode in an NMI", func(p *model.Program, r *model.Routine) []*model.Monitor {
		p.CPUs[0].OnNMI(p.Routine("NMI", func(r *model.Routine) { r.Frame(model.User, nil) }), 1, 1)
		return nil
	}, []string{"NMI", "user", "an NMI's handler"}, "an NMI is no process"},
	{"a property that claims nothing", func(p *model.Program, r *model.Routine) []*model.Monitor {
		return []*model.Monitor{{Name: "m", Never: model.Expr{}}}
	}, []string{"empty expression", `it is what "m" claims`}, "the property is named"},
	{"a claim whose condition is nil", func(p *model.Program, r *model.Routine) []*model.Monitor {
		r.Event(model.Warned)
		p.Reached("c", model.Warned, func(model.Event) model.Value { return nil })
		return nil
	}, []string{"malformed_test.go:", "an operand is nil", `it is what "c" claims`}, "so is the claim"},
	{"nil monitor", func(p *model.Program, r *model.Routine) []*model.Monitor { return []*model.Monitor{nil} },
		[]string{"a monitor is nil"}, "a slip"},
	{"CPU of another program", func(p *model.Program, r *model.Routine) []*model.Monitor {
		return []*model.Monitor{{Name: "n", Never: model.New("other").CPU("CPU0").Done()}}
	}, []string{"a property speaks of a CPU"}, "it would speak of ours"},
	{"no CPUs", func(p *model.Program, r *model.Routine) []*model.Monitor { p.CPUs = nil; return nil },
		[]string{"0 CPUs", "1 to 64"}, "nothing could happen"},
	{"claim made twice", func(p *model.Program, r *model.Routine) []*model.Monitor {
		p.ReachedState("x", model.True)
		p.Reached("x", model.Warned, nil)
		return nil
	}, []string{`"x"`, "twice"}, "a report could not tell them apart"},
	{"IPI without handler", func(p *model.Program, r *model.Routine) []*model.Monitor {
		p.CPUs[0].IPI("line", nil)
		return nil
	}, []string{"line", "no handler"}, "there is nothing to push"},
	{"a device that interrupts less than never", func(p *model.Program, r *model.Routine) []*model.Monitor {
		p.CPUs[0].OnIRQ("disk", p.Routine("handler", func(*model.Routine) {}), -1)
		return nil
	}, []string{`"disk"`, "CPU0", "-1 times"}, "0 is the least"},
	{"a device that is sent", func(p *model.Program, r *model.Routine) []*model.Monitor {
		r.SendIPI("send", p.CPUs[0].OnIRQ("disk", p.Routine("handler", func(*model.Routine) {}), 1))
		return nil
	}, []string{"disk", "a device", "never pending"}, "it comes by itself"},
	{"an NMI that enables interrupts", func(p *model.Program, r *model.Routine) []*model.Monitor {
		p.CPUs[0].OnNMI(p.Routine("nmi", func(r *model.Routine) { r.LocalIRQEnable() }), 1, 1)
		return nil
	}, []string{"local_irq_enable()", "malformed_test.go:", "NMI"}, "they would come into the NMI"},
	{"shared variable in a condition", func(p *model.Program, r *model.Routine) []*model.Monitor {
		r.If(p.Shared("x", model.Bool, model.False), func() { r.Pause("then") })
		return nil
	}, []string{"main reads x", "into a local"}, "a read of shared memory is a step of its own"},
	{"shared variable as a result", func(p *model.Program, r *model.Routine) []*model.Monitor {
		r.Call(p.Routine("f", func(r *model.Routine) { r.Return(model.True) }), p.Shared("x", model.Bool,
			model.False))
		return nil
	}, []string{"x takes a result without a step"}, "so is a write"},
	{"variable of another program", func(p *model.Program, r *model.Routine) []*model.Monitor {
		r.WriteOnce("x = 1", model.New("other").Shared("x", model.Bool, model.False), model.True)
		return nil
	}, []string{"x is not a variable of this program"}, "it has no place in the state"},
	{"ghost code that assigns elsewhere", func(p *model.Program, r *model.Routine) []*model.Monitor {
		l := r.Local("l", model.Bool)
		r.Pause("a")
		r.Event(model.Warned)
		return []*model.Monitor{{Name: "meddler", On: func(model.Event) []*model.Stmt {
			return model.Build(func(c *model.Code) { c.Set(l, model.True) })
		}}}
	}, []string{"meddler", "assigns to l"}, "a property must not change the run"},
	{"choice of nothing", func(p *model.Program, r *model.Routine) []*model.Monitor {
		r.Choose()
		return nil
	}, []string{"main", "Choose", "no alternatives"}, "it could never be taken"},
	{"recursion", func(p *model.Program, r *model.Routine) []*model.Monitor {
		var f *model.Routine
		f = p.Routine("f", func(r *model.Routine) {
			r.Pause("f")
			f = r
			r.Call(f, nil)
		})
		r.Call(f, nil)
		return nil
	}, []string{"f calls itself", "loop"}, "calls are inlined"},
	{"mutual recursion", func(p *model.Program, r *model.Routine) []*model.Monitor {
		f, g := p.Routine("f", func(*model.Routine) {}), p.Routine("g", func(*model.Routine) {})
		f.Call(g, nil)
		g.Call(f, nil)
		r.Call(f, nil)
		return nil
	}, []string{"f calls itself", "loop"}, "also by way of another routine"},
	{"the CPU's routine has a parameter", func(p *model.Program, r *model.Routine) []*model.Monitor {
		r.Param("n", model.UpTo(3))
		return nil
	}, []string{"main", "0 arguments", "1 parameters"}, "nobody passes one"},
	{"handler with too few arguments", func(p *model.Program, r *model.Routine) []*model.Monitor {
		h := p.Routine("handler", func(r *model.Routine) { r.Param("a", model.Bool); r.Param("b", model.Bool) })
		p.CPUs[0].IPI("line", h, model.Int(1))
		return nil
	}, []string{"handler", "1 arguments", "2 parameters"},
		"the line's constants are its arguments"},
	{"NMI with a parameter", func(p *model.Program, r *model.Routine) []*model.Monitor {
		p.CPUs[0].OnNMI(p.Routine("NMI", func(r *model.Routine) { r.Param("a", model.Bool) }), 1, 1)
		return nil
	}, []string{"NMI", "0 arguments"}, "an NMI has none"},
	{"constant argument out of range", func(p *model.Program, r *model.Routine) []*model.Monitor {
		r.Call(p.Routine("f", func(r *model.Routine) { r.Param("n", model.Range{Lo: 1, Hi: 3}) }), nil,
			model.Int(4))
		return nil
	}, []string{"f", "n = 4", "1..3"}, "known before any run"},
	{"constant parameter written", func(p *model.Program, r *model.Routine) []*model.Monitor {
		r.Call(p.Routine("f", func(r *model.Routine) { r.Set(r.Param("n", model.Bool), model.Int(1)) }),
			nil, model.Int(0))
		return nil
	}, []string{"n", "constant", "copy it to a local"}, "a constant has no place in the state"},
	{"no result", func(p *model.Program, r *model.Routine) []*model.Monitor {
		f := p.Routine("f", func(r *model.Routine) { r.Pause("f"); r.Return(nil) })
		r.Call(f, r.Local("l", model.Bool))
		return nil
	}, []string{"f returns nothing", "result"}, "the local would keep what it held"},
	{"another routine's local", func(p *model.Program, r *model.Routine) []*model.Monitor {
		var l *model.Var
		p.Routine("f", func(r *model.Routine) { l = r.Local("l", model.Bool) })
		r.If(l, func() { r.Pause("p") })
		return nil
	}, []string{"main uses l", "declare it"}, "the routine is named, and where to declare it"},
	{"caller's local in the callee", func(p *model.Program, r *model.Routine) []*model.Monitor {
		l := r.Local("l", model.Bool)
		r.Call(p.Routine("f", func(r *model.Routine) { r.Set(l, model.Int(1)) }), nil)
		return nil
	}, []string{"f uses l", "declare it"}, "C has no such thing"},
	{"property uses a local", func(p *model.Program, r *model.Routine) []*model.Monitor {
		return []*model.Monitor{{Name: "claim", Never: r.Local("l", model.Bool)}}
	}, []string{"property uses l", "declare it"}, "locals come and go"},
	{"Break outside a loop", func(p *model.Program, r *model.Routine) []*model.Monitor { r.Break(); return nil },
		[]string{"Break outside a loop", "main"}, "nothing to leave"},
	{"Break in a call inside a loop", func(p *model.Program, r *model.Routine) []*model.Monitor {
		f := p.Routine("f", func(r *model.Routine) { r.Break() })
		r.Forever(func() { r.Pause("p"); r.Call(f, nil) })
		return nil
	}, []string{"Break outside a loop", "f"}, "the loop is another routine's"},
	{"Choose inside Atomic", func(p *model.Program, r *model.Routine) []*model.Monitor {
		r.Atomic("both", func() { r.Choose(r.When(model.True, func() { r.Pause("p") })) })
		return nil
	}, []string{"Choose inside Atomic", "main", "choose first"}, "one step, one alternative"},
	{"Choose inside Atomic, called", func(p *model.Program, r *model.Routine) []*model.Monitor {
		f := p.Routine("f", func(r *model.Routine) { r.Choose(r.When(model.True, func() { r.Pause("p") })) })
		r.Atomic("both", func() { r.Call(f, nil) })
		return nil
	}, []string{"Choose inside Atomic", "f"}, "as above, but in a call"},
	{"frame in a called routine", func(p *model.Program, r *model.Routine) []*model.Monitor {
		r.Call(p.Routine("f", func(r *model.Routine) { r.Frame(model.User, nil) }), nil)
		return nil
	}, []string{"f changes the frame", "CPU's own code"}, "frames are of the stack, not of calls"},
	{"Fail in a routine", func(p *model.Program, r *model.Routine) []*model.Monitor { r.Fail(); return nil },
		[]string{"Fail", "monitor"}, "no property to fail"},
	{"property given twice", func(p *model.Program, r *model.Routine) []*model.Monitor {
		return []*model.Monitor{{Name: "claim", Never: model.False}, {Name: "claim", Never: model.False}}
	}, []string{"claim", "twice"}, "a report would not tell them apart"},
	{"61 properties", func(p *model.Program, r *model.Routine) (ms []*model.Monitor) {
		for i := range 61 {
			ms = append(ms, &model.Monitor{Name: fmt.Sprint(i), Never: model.False})
		}
		return ms
	}, []string{"60 properties"}, "a set of properties is a word"},
	{"65 claims", func(p *model.Program, r *model.Routine) []*model.Monitor {
		for i := range 65 {
			p.ReachedState(fmt.Sprint(i), model.True)
		}
		return nil
	}, []string{"64 reachability claims"}, "a set of claims is a word"},
	{"nameless monitor fails", func(p *model.Program, r *model.Routine) []*model.Monitor {
		r.Event(model.Warned)
		return []*model.Monitor{{On: func(model.Event) []*model.Stmt { return model.Build((*model.Code).Fail) }}}
	}, []string{"monitor without a name", "fail"}, "it only keeps ghosts"},
	{"ghost code takes a step", ghost(func(c *model.Code) { c.Pause("p") }),
		ghostParts, "a property must not change the steps"},
	{"ghost code loops", ghost(func(c *model.Code) { c.While(model.True, nil) }), ghostParts,
		"it might not end"},
	{"ghost code has events", ghost(func(c *model.Code) { c.Event(model.Warned) }), ghostParts,
		"of its own making"},
	{"ghost code returns", ghost(func(c *model.Code) { c.Return(nil) }), ghostParts,
		"from the routine, that is"},
	{"ghost code that is nil", func(p *model.Program, r *model.Routine) []*model.Monitor {
		r.Event(model.Warned)
		none := func(model.Event) []*model.Stmt { return []*model.Stmt{nil} }
		return []*model.Monitor{{Name: "watcher", On: none}}
	}, []string{"a statement in main is nil"}, "nothing to run"},
	{"half an expression", func(p *model.Program, r *model.Routine) []*model.Monitor {
		r.If(&model.Node{Op: model.OpAnd, A: model.True.Node()}, nil)
		return nil
	}, []string{"an expression in main lacks an operand", "model.Expr"}, "nothing to apply the operator to"},
	{"an operator without operands", func(p *model.Program, r *model.Routine) []*model.Monitor {
		r.If(&model.Node{Op: model.OpNot}, nil)
		return nil
	}, []string{"an expression in main lacks an operand"}, "nothing to apply it to"},
	{"a step below an If", ghost(func(c *model.Code) { c.If(model.False, nil, func() { c.Pause("p") }) }),
		ghostParts, "branches are looked into"},
}

var ghostParts = []string{`"watcher"`, "ghost code", "only assign, branch and fail"}

// ghost is a program with an event at which a monitor runs the given ghost code.
func ghost(code func(c *model.Code)) func(p *model.Program, r *model.Routine) []*model.Monitor {
	return func(p *model.Program, r *model.Routine) []*model.Monitor {
		r.Event(model.Warned)
		return []*model.Monitor{{Name: "watcher", On: func(model.Event) []*model.Stmt { return model.Build(code) }}}
	}
}

// lowerError is the error of lowering a row, or what it panics with.
func lowerError(build func(p *model.Program, r *model.Routine) []*model.Monitor) (err error) {
	p := model.New("broken")
	c := p.CPU("CPU0")
	var ms []*model.Monitor
	c.Run(p.Routine("main", func(r *model.Routine) { ms = build(p, r) }))
	if text := testkit.Panics(func() { _, err = ir.Lower(p, ms...) }); text != "" {
		return fmt.Errorf("PANIC: %s", text)
	}
	return err
}

func TestMalformedPrograms(t *testing.T) {
	for _, row := range malformed {
		t.Run(row.name, func(t *testing.T) {
			err := lowerError(row.build)
			if err == nil {
				t.Fatalf("lowered; it must be refused: %s", row.why)
			}
			if strings.HasPrefix(err.Error(), "PANIC") {
				t.Fatalf("%v; want an error: %s", err, row.why)
			}
			testkit.Mentions(t, err.Error(), row.why, append(row.parts, "model broken: ")...)
		})
	}
}

// Every message of the lowering is some row's, so that none is wrong unseen.
func TestEveryErrorIsSeen(t *testing.T) {
	var errs []string
	for _, row := range malformed {
		errs = append(errs, lowerError(row.build).Error())
	}
	for _, name := range []string{"lower.go", "statements.go", "expr.go", "element.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if f, ok := call.Fun.(*ast.Ident); !ok || f.Name != "bad" {
				return true
			}
			format := literal(t, call.Args[0])
			verb := regexp.MustCompile(`%[a-z]`)
			want := regexp.MustCompile(verb.ReplaceAllString(regexp.QuoteMeta(format), ".*"))
			if !slices.ContainsFunc(errs, want.MatchString) {
				t.Errorf("%s: no row is refused with %q", name, format)
			}
			return true
		})
	}
}

// literal is the text of a string literal, or of a sum of them.
func literal(t *testing.T, e ast.Expr) string {
	t.Helper()
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		if err == nil {
			return s
		}
	case *ast.BinaryExpr:
		return literal(t, e.X) + literal(t, e.Y)
	}
	t.Fatalf("a format of bad() is no literal: %T", e)
	return ""
}

// As many properties and claims as a word has room for are accepted.
func TestLimitsThatAreNotBroken(t *testing.T) {
	if err := lowerError(func(p *model.Program, r *model.Routine) (ms []*model.Monitor) {
		for i := range 64 {
			p.ReachedState(fmt.Sprint(i), model.True)
		}
		for i := range 60 {
			ms = append(ms, &model.Monitor{Name: fmt.Sprint(i), Never: model.False})
		}
		return append(ms, &model.Monitor{}, &model.Monitor{}) // nameless ones are no properties
	}); err != nil {
		t.Error(err)
	}
}

// The same routine may be called twice, by two CPUs and inside a sibling: that is no recursion.
func TestRepeatedCallsAreNotRecursion(t *testing.T) {
	if err := lowerError(func(p *model.Program, r *model.Routine) []*model.Monitor {
		f := p.Routine("f", func(r *model.Routine) { r.Pause("f") })
		g := p.Routine("g", func(r *model.Routine) { r.Call(f, nil) })
		r.Call(f, nil)
		r.Call(g, nil)
		r.Call(f, nil)
		p.CPU("CPU1").Run(f)
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// A panic that is not the lowering's own is a bug of ctcheck or of a monitor's function, and is not
// dressed up as a fault of the program.
func TestForeignPanicsPass(t *testing.T) {
	p := model.New("solo")
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) { r.Event(model.Warned) }))
	boom := &model.Monitor{Name: "boom", On: func(model.Event) []*model.Stmt { panic("boom") }}
	if text := testkit.Panics(func() { _, _ = ir.Lower(p, boom) }); text != "boom" {
		t.Errorf("panic %q, want the monitor's own", text)
	}
}
