package axiom_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ctcheck/axiom"
	"ctcheck/axiom/replay"
	"ctcheck/litmus"
	"ctcheck/model"
	"ctcheck/threads"
)

// shape is a cycle as the names of its steps.
func shape(r *axiom.Reason) string {
	var names []string
	for _, s := range r.Cycle {
		names = append(names, s.Name)
	}
	return fmt.Sprintf("%s: %s", r.Axiom.Words(), strings.Join(names, ", "))
}

// Each axiom forbids something, by the cycle that the literature has for it.
func TestWhy(t *testing.T) {
	const two = "C t\n{}\nP0(int *x, int *y)\n{\n%s}\nP1(int *x, int *y)\n{\n%s}\nexists (%s)\n"
	for _, row := range []struct {
		p0, p1, cond string
		mm           model.MemoryModel
		want         string
	}{
		{"WRITE_ONCE(*x, 1);\nsmp_wmb();\nWRITE_ONCE(*y, 1);\n",
			"r0 = READ_ONCE(*y);\nsmp_rmb();\nr1 = READ_ONCE(*x);\n",
			"1:r0=1 /\\ 1:r1=0", model.LKMM,
			"happens-before (hb): smp_rmb(), fr, smp_wmb(), rf"},
		{"WRITE_ONCE(*x, 1);\nsmp_mb();\nr0 = READ_ONCE(*y);\n",
			"WRITE_ONCE(*y, 1);\nsmp_mb();\nr0 = READ_ONCE(*x);\n",
			"0:r0=0 /\\ 1:r0=0", model.LKMM, "propagates-before (pb): fr, smp_mb(), fr, smp_mb()"},
		{"WRITE_ONCE(*x, 1);\nr0 = READ_ONCE(*y);\n", "WRITE_ONCE(*y, 1);\nr0 = READ_ONCE(*x);\n",
			"0:r0=0 /\\ 1:r0=0", model.SC,
			"sequential consistency: program order, rf, co and fr: po, fr, po, fr"},
		{"WRITE_ONCE(*x, 1);\nsmp_mb();\nr0 = READ_ONCE(*y);\n",
			"WRITE_ONCE(*y, 1);\nsmp_mb();\nr0 = READ_ONCE(*x);\n",
			"0:r0=0 /\\ 1:r0=0", model.TSO,
			"x86-TSO: what it keeps of program order, rfe, co and fr: smp_mb(), fr, smp_mb(), fr"},
		{"WRITE_ONCE(*x, 1);\n", "r0 = READ_ONCE(*x);\nr1 = READ_ONCE(*x);\n", "1:r0=1 /\\ 1:r1=0",
			model.LKMM,
			"coherence: program order in one location, rf, co and fr: rf, po, fr"},
		{"atomic_inc(x);\n", "atomic_inc(x);\n", "x=1", model.LKMM,
			"atomicity: nothing comes between the halves of a read-modify-write: fr, co, rmw"},
		{"rcu_read_lock();\nr0 = READ_ONCE(*x);\nr1 = READ_ONCE(*y);\nrcu_read_unlock();\n",
			"WRITE_ONCE(*x, 1);\nsynchronize_rcu();\nWRITE_ONCE(*y, 1);\n", "0:r0=0 /\\ 0:r1=1", model.LKMM,
			"RCU: grace periods and readers' sections (rb): P1's grace period, rf, the end of P0's section, " +
				"the beginning of P0's section, fr, P1's grace period"},
		{"rcu_read_lock();\nr0 = READ_ONCE(*x);\nr1 = READ_ONCE(*y);\nrcu_read_unlock();\n",
			"WRITE_ONCE(*y, 1);\nsynchronize_rcu();\nWRITE_ONCE(*x, 1);\n", "0:r0=1 /\\ 0:r1=0", model.LKMM,
			"RCU: grace periods and readers' sections (rb): P1's grace period, rf, the end of P0's section, " +
				"the beginning of P0's section, fr, P1's grace period"},
		{"*x = 1;\nsmp_store_release(y, 1);\n", "r0 = smp_load_acquire(y);\nr1 = *x;\n", "1:r0=1 /\\ 1:r1=0",
			model.LKMM,
			"what plain accesses can see (plain-coherence): fr, bounded by barriers"},
		{"WRITE_ONCE(*x, 1);\n", "r0 = READ_ONCE(*x);\n", "1:r0=2", model.LKMM, ""},
	} {
		test := parsed(t, fmt.Sprintf(two, row.p0, row.p1, row.cond))
		p, err := test.AsThreads()
		if err != nil {
			t.Fatal(err)
		}
		r, _, err := axiom.Why(t.Context(), p, axiom.Options{Memory: row.mm,
			Condition: condition(test, test.Prop, p.Cells)})
		if err != nil {
			t.Fatal(err)
		}
		if r == nil {
			if row.want != "" {
				t.Errorf("%s: no reason, want %s", row.cond, row.want)
			}
			continue
		}
		if got := shape(r); got != row.want {
			t.Errorf("%s\n%s%s: %s, want %s", row.cond, row.p0, row.p1, got, row.want)
		}
		if _, err := replay.Check(p, r.Execution, row.mm); err == nil {
			t.Errorf("%s: the execution is one after all", row.cond)
		}
		for i, st := range r.Cycle {
			next := r.Cycle[(i+1)%len(r.Cycle)]
			if st.To != next.From {
				t.Errorf("%s: the cycle breaks behind step %d: %v", row.cond, i, r.Cycle)
			}
		}
	}
}

// Only the orders that matter allow an outcome when they are weaker.
func TestWeaken(t *testing.T) {
	test := parsed(t, `C t
{}
P0(int *x, int *y) { WRITE_ONCE(*x, 1); smp_rmb(); smp_wmb(); smp_store_release(y, 1); }
P1(int *x, int *y) { int r0 = smp_load_acquire(y); int r2 = xchg(y, 3); int r1 = READ_ONCE(*x); }
exists (1:r0=1 /\ 1:r1=0)
`)
	p, err := test.AsThreads()
	if err != nil {
		t.Fatal(err)
	}
	ws, err := axiom.Weaken(t.Context(), p, axiom.Options{Memory: model.LKMM,
		Condition: condition(test, test.Prop, p.Cells)})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range ws {
		got = append(got, fmt.Sprintf("%s %s: %t %t", w.Label, w.Change, w.Allows, w.Unknown))
	}
	want := []string{"smp_rmb(); is taken away: false false", "smp_wmb(); is taken away: false false",
		"smp_store_release(y, 1); release becomes relaxed: false false",
		"int r0 = smp_load_acquire(y); acquire becomes relaxed: false false",
		"int r2 = xchg(y, 3); fully ordered becomes acquire: false false",
		"int r2 = xchg(y, 3); fully ordered becomes release: false false",
		"int r2 = xchg(y, 3); fully ordered becomes relaxed: false false"}
	if !slices.Equal(got, want) {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
}

// A ring of threads, each of which reads what the one before it wrote, and writes for the next: all reads find 1 if
// nothing orders them, or if there are more readers' sections than grace periods.
func TestRings(t *testing.T) {
	for _, row := range []struct {
		threads string // a letter each: R a reader's section, G a grace period, A acquire and release, O nothing
		yes     bool
	}{
		{"RG", false}, {"RRG", true}, {"RGRG", false}, {strings.Repeat("RG", 6), false},
		{strings.Repeat("R", 6) + strings.Repeat("G", 5), true}, {strings.Repeat("R", 6) +
			strings.Repeat("G", 6), false},
		{strings.Repeat("A", 12), false}, {strings.Repeat("A", 18) + "O", true}, {strings.Repeat("A", 19), false},
		{strings.Repeat("R", 9) + "A" + strings.Repeat("G", 9), false},
		{strings.Repeat("RGA", 6) + "R", true}, {strings.Repeat("RGA", 6) + "G", false}, {strings.Repeat("O",
			19), true},
	} {
		p, test := ring(t, row.threads)
		r, err := axiom.Run(t.Context(), p, axiom.Options{Memory: model.LKMM, Mode: axiom.Witness,
			Condition: condition(test, test.Prop, p.Cells)})
		if err != nil {
			t.Fatal(err)
		}
		if r.Bound != "" || (r.Yes != nil) != row.yes || r.No == nil || r.Nodes > 2000 {
			t.Errorf("%s: %t, %t in %d nodes %s", row.threads, r.Yes != nil, r.No != nil, r.Nodes, r.Bound)
		}
	}
}

// ring is that of some threads.
func ring(t *testing.T, threadsOf string) (*threads.Program, *litmus.Test) {
	t.Helper()
	var b strings.Builder
	var asked []string
	b.WriteString("C ring\n{}\n")
	n := len(threadsOf)
	for i, kind := range threadsOf {
		in, out := fmt.Sprintf("x%d", i), fmt.Sprintf("x%d", (i+1)%n)
		code := "r0 = READ_ONCE(*%[1]s);\nWRITE_ONCE(*%[2]s, 1);"
		switch kind {
		case 'R':
			code = "rcu_read_lock();\n" + code + "\nrcu_read_unlock();"
		case 'G':
			code = "r0 = READ_ONCE(*%[1]s);\nsynchronize_rcu();\nWRITE_ONCE(*%[2]s, 1);"
		case 'A':
			code = "r0 = smp_load_acquire(%[1]s);\nsmp_store_release(%[2]s, 1);"
		}
		fmt.Fprintf(&b, "P%d(int *%s, int *%s)\n{\n%s\n}\n", i, in, out, fmt.Sprintf(code, in, out))
		asked = append(asked, fmt.Sprintf("%d:r0=1", i))
	}
	fmt.Fprintf(&b, "exists (%s)\n", strings.Join(asked, " /\\ "))
	test := parsed(t, b.String())
	p, err := test.AsThreads()
	if err != nil {
		t.Fatal(err)
	}
	return p, test
}

// Loops that wait are decided without a bound, and threads that are alike are looked at in one order.
func TestLoopsAndPeers(t *testing.T) {
	const mutex = "P%d(int *l, int *x)\n{\nwhile (atomic_cmpxchg_acquire(l, 0, 1) != 0) {\n}\n" +
		"r1 = READ_ONCE(*x);\nWRITE_ONCE(*x, r1 + 1);\nsmp_store_release(l, 0);\n}\n"
	const inc = "P%d(int *x)\n{\natomic_inc(x);\natomic_inc(x);\n}\n"
	for _, row := range []struct {
		thread, cond string
		n            int
		most         uint64 // nodes
		yes, no      bool
	}{
		{mutex, "x=4", 4, 20_000, true, false},
		{strings.ReplaceAll(mutex, "_acquire", "_relaxed"), "x=2", 2, 2000, true, true},
		{inc, "x=8", 4, 3000, true, false},
		{"P%d(int *x, int *y)\n{\nwhile (READ_ONCE(*x) == 0) {\n}\nWRITE_ONCE(*y, 1);\n}\n", "y=1", 2, 100,
			false, false},
	} {
		var b strings.Builder
		b.WriteString("C loops\n{}\n")
		for i := range row.n {
			fmt.Fprintf(&b, row.thread, i)
		}
		fmt.Fprintf(&b, "exists (%s)\n", row.cond)
		test := parsed(t, b.String())
		p, err := test.AsThreads()
		if err != nil {
			t.Fatal(err)
		}
		r, err := axiom.Run(t.Context(), p, axiom.Options{Memory: model.LKMM, Mode: axiom.Witness,
			Condition: condition(test, test.Prop, p.Cells)})
		if err != nil {
			t.Fatal(err)
		}
		if (r.Yes != nil) != row.yes || (r.No != nil) != row.no || r.Unrolled || r.Nodes > row.most {
			t.Errorf("%s: %t %t, %d nodes, unrolled %t", row.cond, r.Yes != nil, r.No != nil, r.Nodes, r.Unrolled)
		}
	}
}
