package cttest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	front "ctcheck/litmus"
	"ctcheck/model"
)

// asC is a shape as a litmus test in C, and the thread of each register.
func asC(code string) (src string, threads map[string]int) {
	var b strings.Builder
	b.WriteString("C shape\n{}\n")
	cpus := parse(code)
	_, vars := names(cpus)
	threads = map[string]int{}
	for i, is := range cpus {
		fmt.Fprintf(&b, "P%d(int *%s)\n{\n", i, strings.Join(vars, ", int *"))
		for _, in := range is {
			if in.reg != "" {
				threads[in.reg] = i
			}
			b.WriteString("\t" + statement(in) + ";\n")
		}
		b.WriteString("}\n")
	}
	b.WriteString("locations [" + strings.Join(vars, "; "))
	for reg, i := range threads {
		fmt.Fprintf(&b, "; %d:%s", i, reg)
	}
	b.WriteString("]\nexists (true)\n")
	return b.String(), threads
}

// statement is an instruction in C.
func statement(in instruction) string {
	switch {
	case in.reg != "" && in.how == "acq":
		return fmt.Sprintf("%s = smp_load_acquire(%s)", in.reg, in.at)
	case in.reg != "":
		return fmt.Sprintf("%s = READ_ONCE(*%s)", in.reg, in.at)
	case in.at == "":
		return "smp_" + in.how + "()"
	}
	form := map[string]string{"": "WRITE_ONCE(*%s, %d)", "rel": "smp_store_release(%s, %d)",
		"store_mb": "smp_store_mb(*%s, %d)", "xchg": "xchg(%s, %d)", "xchg_relaxed": "xchg_relaxed(%s, %d)"}[in.how]
	return fmt.Sprintf(form, in.at, in.what)
}

// frontEndFinals is finals by way of a litmus test.
func frontEndFinals(t testing.TB, mm model.MemoryModel, code, see string) []string {
	t.Helper()
	src, threads := asC(code)
	test, err := front.Parse("shape", []byte(src))
	if err != nil {
		t.Fatalf("%v, of\n%s", err, src)
	}
	p, err := test.Program()
	if err != nil {
		t.Fatalf("%v, of\n%s", err, src)
	}
	var vars []*model.Var
	for name := range strings.FieldsSeq(see) {
		loc := front.Loc{Thread: -1, Name: name}
		if i, isReg := threads[name]; isReg {
			loc.Thread = i
		}
		vars = append(vars, p.Vars[slices.Index(p.Observed, loc)])
	}
	return digits(t, mm, p.Model, vars)
}

// The shapes have the same final states by way of a litmus test, and so have random ones.
func TestFrontEnd(t *testing.T) {
	type shape struct{ code, see string }
	var shapes []shape
	for _, l := range litmuses {
		shapes = append(shapes, shape{l.code, l.see})
	}
	for seed := range uint64(100) {
		code, _, see := randomShape(seed)
		shapes = append(shapes, shape{code, see})
	}
	for _, s := range shapes {
		for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
			want := finals(t, mm, s.code, s.see)
			if got := frontEndFinals(t, mm, s.code, s.see); !slices.Equal(got, want) {
				t.Errorf("%s under %s: by way of a litmus test %s = %v, want %v", s.code, mm, s.see, got, want)
			}
		}
	}
}
