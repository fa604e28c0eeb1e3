package litmus_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/litmus"
	"ctcheck/model"
)

// Every step says where in the test it stands, and with the test's words.
func TestPlaces(t *testing.T) {
	steps := 0
	for _, file := range ownTests(t) {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(src), "\n")
		for s := range program(t, read(t, file)).Model.Statements() {
			if !s.Kind.IsStep() {
				continue
			}
			steps++
			if s.File != file || s.Line < 1 || s.Line > len(lines) {
				t.Errorf("%s: %q is at %s:%d", file, s.Label, s.File, s.Line)
				continue
			}
			rest := strings.Join(strings.Fields(strings.Join(lines[s.Line-1:], "\n")), " ")
			if s.Label == "" || !strings.Contains(rest, s.Label) {
				t.Errorf("%s:%d: %q is not what stands there", file, s.Line, s.Label)
			}
		}
	}
	if steps < 300 {
		t.Errorf("%d steps", steps)
	}
}

// A run to a witness is told in the test's words.
func TestRun(t *testing.T) {
	p := program(t, read(t, own+"/SB.litmus"))
	r, err := explore.Run(context.Background(), p.Model, []*model.Monitor{p.Question()},
		explore.Options{Memory: model.TSO, Search: explore.BreadthFirst, Workers: 1})
	if err != nil || r.Properties[0].Trace == nil {
		t.Fatal(err, r)
	}
	var got []string
	for _, s := range r.Properties[0].Trace.Steps {
		if s.Record.Stmt != nil {
			got = append(got, s.CPU.Name+": "+s.Record.Stmt.Label)
		}
	}
	want := []string{"P0: WRITE_ONCE(*x, 1)", "P0: int r0 = READ_ONCE(*y)", "P1: WRITE_ONCE(*y, 1)",
		"P1: int r0 = READ_ONCE(*x)"}
	if !slices.Equal(got, want) {
		t.Errorf("the run is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What a trace says is found inside an expression has a name that does not read as a number.
func TestNamesOfValues(t *testing.T) {
	named := 0
	for _, file := range ownTests(t) {
		for s := range program(t, read(t, file)).Model.Statements() {
			if s.Dst == nil {
				continue
			}
			if name := s.Dst.Name; strings.Trim(name, "0123456789") == "" {
				t.Errorf("%s: %q goes to a variable %q", file, s.Label, name)
			} else if strings.HasPrefix(name, "value ") {
				named++
			}
		}
	}
	if named == 0 {
		t.Error("no test has a value inside an expression")
	}
}

// What was chosen where the kernel leaves it open is said with the program.
func TestAssumptions(t *testing.T) {
	for file, want := range map[string]string{"SB+idle-add-unless": "a conditional operation",
		"MP+locks":          "a spin_lock waits",
		"SB+failed-trylock": "a spin_trylock that fails", "SB+failed-cmpxchg": "a cmpxchg that fails",
		"rcu-MP":  "RCU is",
		"srcu-MP": "srcu_read_lock and", "SB": "primitives as the kernel has them on x86"} {
		got := program(t, read(t, own+"/"+file+".litmus")).Model.Assumptions
		if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, want) }) {
			t.Errorf("%s: no assumption begins with %q: %q", file, want, got)
		}
	}
	src := "C t\n{}\nP0(int *x) { r0 = *x; }\nexists (0:r1=0)\n"
	test, err := litmus.Parse("t", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	if got := program(t, test).Model.Assumptions; !slices.Contains(got, "0:r1 is 0: P0 has no register r1") {
		t.Errorf("%q says nothing of r1", got)
	}
}

// What has a meaning on some ways only is a fault of the run that gets to the others.
func TestFaults(t *testing.T) {
	for code, want := range map[string]string{
		"*y = 1; if (*x) rcu_read_lock(); rcu_read_unlock();": "rcu_read_unlock() without a rcu_read_lock()",
		"r2 = xchg(x, 1); if (r2) r0 = y; *r0 = 1;":           "accesses what is no address of a location",
		"r0 = srcu_read_lock(x); srcu_read_unlock(x, r1);": "what no srcu_read_lock() of this srcu_struct " +
			"returned",
		"r0 = srcu_read_lock(x); srcu_read_unlock(y, r0);": "what no srcu_read_lock() of this srcu_struct " +
			"returned",
		"r0 = srcu_read_lock(x); srcu_read_unlock(x, r0 = 0);": "what no srcu_read_lock() of this srcu_struct " +
			"returned",
	} {
		test, err := litmus.Parse("t", []byte(inC(code)))
		if err != nil {
			t.Fatal(err)
		}
		p := program(t, test)
		_, err = explore.Finals(context.Background(), model.SC, p.Model, p.Vars...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", code, err, want)
		}
	}
}
