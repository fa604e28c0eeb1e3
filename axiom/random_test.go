package axiom_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ctcheck/axiom"
	"ctcheck/axiom/replay"
	"ctcheck/litmus"
	"ctcheck/model"
	"ctcheck/threads"
)

// A writer writes random litmus tests.
type writer struct {
	*rand.Rand
	b       strings.Builder
	regs    int
	locals  []string // registers that have a value
	depth   int
	locked  bool
	used    map[string]int // how often each construct occurs
	plain   bool           // plain accesses may occur
	ordered bool           // locks, RCU
}

var locations = []string{"x", "y", "z"}

func (w *writer) one(of ...string) string {
	s := of[w.IntN(len(of))]
	name, _, _ := strings.Cut(s, "(")
	w.used[strings.TrimSuffix(name, "%s")]++
	return s
}

func (w *writer) reg() string {
	w.regs++
	r := fmt.Sprintf("r%d", w.regs)
	w.locals = append(w.locals, r)
	return r
}

// value is what is stored: a small number, or something that depends on a register.
func (w *writer) value() string {
	if len(w.locals) > 0 && w.IntN(3) == 0 {
		r := w.locals[w.IntN(len(w.locals))]
		return []string{r, r + " ^ " + r, r + " & 1", "(" + r + " == 0)"}[w.IntN(4)]
	}
	return fmt.Sprint(1 + w.IntN(2))
}

func (w *writer) stmt() {
	loc := locations[w.IntN(len(locations))]
	indent := strings.Repeat("\t", w.depth+1)
	say := func(format string, args ...any) { fmt.Fprintf(&w.b, indent+format+"\n", args...) }
	switch k := w.IntN(20); {
	case k < 5:
		read := w.one("READ_ONCE(*%s)", "READ_ONCE(*%s)", "smp_load_acquire(%s)", "rcu_dereference(*%s)")
		if w.plain && w.IntN(3) == 0 {
			read = "*%s"
		}
		v := fmt.Sprintf(read, loc)
		say("%s = %s;", w.reg(), v)
	case k < 10:
		write := w.one("WRITE_ONCE(*%s, %s);", "WRITE_ONCE(*%s, %s);", "smp_store_release(%s, %s);",
			"smp_store_mb(*%s, %s);")
		if w.plain && w.IntN(3) == 0 {
			write = "*%s = %s;"
		}
		say(write, loc, w.value())
	case k < 12:
		say("%s();", w.one("smp_mb", "smp_rmb", "smp_wmb", "barrier", "smp_mb__before_atomic",
			"smp_mb__after_atomic",
			"smp_mb__after_spinlock", "smp_mb__after_unlock_lock"))
	case k < 14:
		v := w.value()
		op := w.one("xchg%s(%s, %s)", "atomic_fetch_add%s(%[4]s, %[3]s)", "atomic_add_return%s(%[4]s, %[3]s)",
			"atomic_fetch_or%s(%[4]s, %[3]s)")
		say("%s = "+op+";", w.reg(), w.one("", "_relaxed", "_acquire", "_release"), loc, v)
	case k == 14:
		say("%s(%s);", w.one("atomic_inc", "atomic_dec"), loc)
	case k == 15:
		v := w.value()
		if w.IntN(2) == 0 {
			say("%s = atomic_add_unless(%s, 1, %s);", w.reg(), loc, v)
			w.used["atomic_add_unless"]++
			return
		}
		say("%s = %s%s(%s, 0, %s);", w.reg(), w.one("cmpxchg", "atomic_cmpxchg"),
			w.one("", "_relaxed", "_acquire", "_release"), loc, v)
	case k < 18 && len(w.locals) > 0 && w.depth < 2:
		w.used["if"]++
		say("if (%s) {", w.locals[w.IntN(len(w.locals))])
		w.block()
		if w.IntN(3) == 0 {
			say("} else {")
			w.block()
		}
		say("}")
	case w.ordered && w.depth == 0:
		w.section(say)
	default:
		say("WRITE_ONCE(*%s, %s);", loc, w.value())
	}
}

// block is the inside of an if; registers set in it alone are not read behind it.
func (w *writer) block() {
	known := len(w.locals)
	w.depth++
	for range 1 + w.IntN(2) {
		w.stmt()
	}
	w.depth--
	w.locals = w.locals[:known]
}

// section is a critical section of a lock or of RCU, or waits for one.
func (w *writer) section(say func(string, ...any)) {
	switch k := w.IntN(7); {
	case k < 2 && !w.locked:
		w.locked = true
		w.used["spin_lock"]++
		say("spin_lock(l);")
		w.stmt()
		say("spin_unlock(l);")
		w.locked = false
	case k == 2:
		w.used["spin_is_locked"]++
		say("%s = spin_is_locked(l);", w.reg())
	case k == 3 && !w.locked:
		w.used["spin_trylock"]++
		say("%s = spin_trylock(l);", w.reg())
		say("if (%s) {", w.locals[len(w.locals)-1])
		w.locked = true
		w.depth++
		w.stmt()
		w.depth--
		w.locked = false
		say("\tspin_unlock(l);")
		say("}")
	case k < 6:
		w.used["rcu"]++
		say("rcu_read_lock();")
		w.stmt()
		w.stmt()
		say("rcu_read_unlock();")
	default:
		w.used["synchronize_rcu"]++
		say("synchronize_rcu();")
	}
}

// test writes one. What a register holds is asked of all, and of the locations.
func (w *writer) test(n int) string {
	fmt.Fprintf(&w.b, "C random%d\n\n{}\n", n)
	var asked []string
	for t := range 2 + w.IntN(2) {
		w.regs, w.locals = 0, nil
		fmt.Fprintf(&w.b, "\nP%d(int *x, int *y, int *z, spinlock_t *l)\n{\n", t)
		for range 1 + w.IntN(4) {
			w.stmt()
		}
		w.b.WriteString("}\n")
		for r := range w.regs {
			asked = append(asked, fmt.Sprintf("%d:r%d;", t, r+1))
		}
	}
	fmt.Fprintf(&w.b, "\nlocations [x; y; z; %s]\nexists (x=1)\n", strings.Join(asked, " "))
	return w.b.String()
}

func randomTest(seed uint64, plain, ordered bool, used map[string]int) string {
	w := &writer{Rand: rand.New(rand.NewPCG(seed, 18)), plain: plain, ordered: ordered, used: used}
	return w.test(int(seed))
}

func parsed(t *testing.T, src string) *litmus.Test {
	t.Helper()
	test, err := litmus.Parse("random", []byte(src))
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	return test
}

// Random tests: the axioms of small models against states, executions against their replay, and what is weaker
// has all that is stronger.
func TestRandom(t *testing.T) {
	used := map[string]int{}
	compared, executions, cut := 0, 0, 0
	rounds := 200
	if testing.Short() {
		rounds = 100
	}
	for seed := range uint64(rounds) {
		src := randomTest(seed, seed%3 == 0, seed%2 == 0, used)
		test := parsed(t, src)
		var last []string
		for _, mm := range []model.MemoryModel{model.SC, model.TSO, model.LKMM} {
			p, err := test.AsThreads()
			if err != nil {
				t.Fatal(err)
			}
			got, r := finalsByAxioms(t, test, mm)
			if r.Bound != "" || r.Murky || r.Thin {
				cut++
				break
			}
			for _, s := range last {
				if !slices.Contains(got, s) {
					t.Fatalf("seed %d: %s is no final state under %s\n%s", seed, s, mm, src)
				}
			}
			last = got
			if mm != model.LKMM {
				if want, known := finalsBySearch(t, test, mm); known {
					compared++
					if !slices.Equal(got, want) {
						t.Fatalf("seed %d under %s:\n%v by axioms,\n%v by states\n%s", seed, mm, got, want, src)
					}
				}
				continue
			}
			n, flags := replayed(t, test, p, src)
			executions += n
			if !slices.Equal(flags, r.Flags) {
				t.Fatalf("seed %d: flags %v, by replay %v\n%s", seed, r.Flags, flags, src)
			}
		}
	}
	if compared < rounds || executions < rounds || cut > rounds/50 {
		t.Errorf("%d compared with states, %d executions replayed, %d cut", compared, executions, cut)
	}
	for _, name := range []string{"if", "spin_lock", "spin_trylock", "rcu", "synchronize_rcu", "cmpxchg",
		"atomic_inc",
		"atomic_add_unless", "xchg", "smp_mb__after_unlock_lock"} {
		if used[name] == 0 {
			t.Errorf("no test has %s; %v", name, used)
		}
	}
}

// replayed replays the executions of a test, a hundred at most, and has the flags of all.
func replayed(t *testing.T, test *litmus.Test, p *threads.Program, src string) (n int, flags []string) {
	t.Helper()
	_, err := axiom.Run(t.Context(), p, axiom.Options{Memory: model.LKMM, MaxNodes: 200_000,
		Condition: condition(test, test.Prop, p.Cells), Visit: func(x *axiom.Execution) {
			n++
			fs, err := replay.Check(p, x, model.LKMM)
			if err != nil {
				t.Fatalf("%v\n%s", err, src)
			}
			for _, f := range fs {
				if !slices.Contains(flags, f) {
					flags = append(flags, f)
				}
			}
		}})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(flags)
	return n, flags
}

// Witnesses are found where there are executions, also of threads that are alike, which change places, and in
// any memory model; and every state that an execution has is found by asking for it.
func TestRandomWitnesses(t *testing.T) {
	used := map[string]int{}
	rounds := 60
	if testing.Short() {
		rounds = 15
	}
	asked, none := 0, 0
	for seed := range uint64(rounds) {
		w := &writer{Rand: rand.New(rand.NewPCG(seed, 19)), plain: seed%4 == 0, ordered: seed%3 == 0, used: used}
		src := w.alike(int(seed))
		test := parsed(t, src)
		p, err := test.AsThreads()
		if err != nil {
			t.Fatal(err)
		}
		for _, mm := range []model.MemoryModel{model.SC, model.TSO, model.LKMM} {
			_, all := finalsByAxioms(t, test, mm)
			if all.Bound != "" || all.Thin || all.Murky || all.Unrolled {
				break
			}
			r, err := axiom.Run(t.Context(), p, axiom.Options{Memory: mm, Mode: axiom.Witness,
				Condition: condition(test, test.Prop, p.Cells)})
			if err != nil {
				t.Fatal(err)
			}
			asked++
			if r.Yes == nil || r.No == nil {
				none++
			}
			if (r.Yes != nil) != (all.Positive > 0) || (r.No != nil) != (all.Negative > 0) || r.Murky ||
				r.Unrolled {
				t.Fatalf("seed %d under %s: %t %t by witnesses, %d %d in full\n%s", seed, mm, r.Yes != nil,
					r.No != nil,
					all.Positive, all.Negative, src)
			}
		}
	}
	if asked < rounds || none < rounds/10 {
		t.Errorf("%d asked, %d of them have not both", asked, none)
	}
}

// alike writes a test of which two or three threads have the same code, and one has its own; the question is
// about a location and that one's first register.
func (w *writer) alike(n int) string {
	fmt.Fprintf(&w.b, "C alike%d\n\n{}\n", n)
	head := "\nP%d(int *x, int *y, int *z, spinlock_t *l)\n{\n"
	outer := w.b.String()
	body := func(first string) string {
		w.b.Reset()
		w.regs, w.locals = 0, nil
		w.b.WriteString(first)
		for range 1 + w.IntN(3) {
			w.stmt()
		}
		return w.b.String()
	}
	first := []string{"\tatomic_inc(x);\n", "\tWRITE_ONCE(*x, 1);\n", "\tspin_lock(l);\n\tspin_unlock(l);\n",
		"\txchg(y, 2);\n", ""}[w.IntN(5)]
	same, other := body(first), body("\tr0 = READ_ONCE(*x);\n")
	peers := 2 + w.IntN(2)
	var b strings.Builder
	b.WriteString(outer)
	for i := range peers {
		fmt.Fprintf(&b, head+"%s}\n", i, same)
	}
	fmt.Fprintf(&b, head+"%s}\n\nexists (%d:r0=%d /\\ %s=%d)\n", peers, other, peers, w.IntN(3),
		locations[w.IntN(len(locations))], w.IntN(3))
	return b.String()
}
