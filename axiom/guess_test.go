package axiom_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"ctcheck/axiom"
	"ctcheck/model"
)

// A loaded thread reads one location, branches on what it finds, and writes another: what has to be guessed, and
// what need not be, in its variants.
var (
	loadedReads = []string{"r0 = READ_ONCE(*%[1]s);", "r0 = smp_load_acquire(%[1]s);", "r0 = *%[1]s;",
		"r0 = cmpxchg_relaxed(%[1]s, 1, 2);", "r0 = cmpxchg_acquire(%[1]s, 1, 2);", "r0 = cmpxchg(%[1]s, 0, 1);",
		"r0 = cmpxchg_release(%[1]s, 1, 1);", "r0 = READ_ONCE(*%[1]s);\nr1 = xchg(z, 1);",
		"r0 = READ_ONCE(*%[1]s);\nr1 = xchg_relaxed(z, 1);", "r0 = atomic_add_unless(%[1]s, 1, 1);",
		"r1 = READ_ONCE(*%[1]s);\nr0 = r1;", "r1 = READ_ONCE(*z);\nr0 = READ_ONCE(*%[1]s);",
		"r0 = spin_trylock(l);\nr0 = READ_ONCE(*%[1]s);"}
	loadedFences = []string{"", "", "", "smp_mb();", "smp_rmb();", "smp_wmb();", "synchronize_rcu();"}
	loadedTests  = []string{"if (r0) {\n}\n%[1]s", "if (r0) {\n%[1]s\n}", "if (r0) {\n%[1]s\n} else {\n%[1]s\n}",
		"if (r0) {\n%[1]s\n}\nWRITE_ONCE(*z, 2);", "if (r0 == 1) {\nr1 = READ_ONCE(*z);\n}\n%[1]s",
		"if (r0) {\nWRITE_ONCE(*z, 1);\n}\n%[1]s"}
	loadedWrites = []string{"WRITE_ONCE(*%[1]s, 1);", "WRITE_ONCE(*%[1]s, 1);", "*%[1]s = 1;",
		"smp_store_release(%[1]s, 1);", "WRITE_ONCE(*%[1]s, r0);", "atomic_inc(%[1]s);"}
)

// Where each of two threads goes on only when it knows what the other one does, there are as many executions as
// among all candidates, and a witness of each kind.
func TestGuesses(t *testing.T) {
	rounds := 1500
	if testing.Short() {
		rounds = 500
	}
	r := rand.New(rand.NewPCG(5, 18))
	one := func(of []string) string { return of[r.IntN(len(of))] }
	compared, both := 0, 0
	for range rounds {
		var b strings.Builder
		b.WriteString("C guess\n{}\n")
		for i, loc := range [][2]string{{"x", "y"}, {"y", "x"}} {
			write := fmt.Sprintf(one(loadedWrites), loc[1])
			fmt.Fprintf(&b, "P%d(int *x, int *y, int *z, spinlock_t *l)\n{\n%s\n%s\n%s\n}\n", i,
				fmt.Sprintf(one(loadedReads), loc[0]), one(loadedFences), fmt.Sprintf(one(loadedTests), write))
		}
		b.WriteString("exists (0:r0=1 /\\ 1:r0=1)\n")
		test, all, ok := sameAsCandidates(t, b.String(), 3000)
		if !ok {
			continue
		}
		compared++
		p, err := test.AsThreads()
		if err != nil {
			t.Fatal(err)
		}
		w, err := axiom.Run(t.Context(), p, axiom.Options{Memory: model.LKMM, Mode: axiom.Witness,
			Condition: condition(test, test.Prop, p.Cells)})
		if err != nil {
			t.Fatal(err)
		}
		if (w.Yes != nil) != (all.Positive > 0) || (w.No != nil) != (all.Negative > 0) {
			t.Fatalf("%t %t by witnesses, %d %d in full\n%s", w.Yes != nil, w.No != nil, all.Positive, all.Negative,
				b.String())
		}
		if all.Positive > 0 {
			both++
		}
	}
	if compared < rounds/2 || both < rounds/20 {
		t.Errorf("%d compared, %d with both threads' reads finding 1", compared, both)
	}
}

// Every way to order two accesses of a thread, in every shape of two threads that such orders matter in.
var orderings = []string{"", "smp_mb();", "smp_rmb();", "smp_wmb();", "barrier();", "synchronize_rcu();",
	"spin_lock(l);\nspin_unlock(l);", "spin_lock(l);\nsmp_mb__after_spinlock();\nspin_unlock(l);",
	"smp_mb__after_spinlock();", "smp_mb__before_atomic();\natomic_inc(z);",
	"atomic_inc(z);\nsmp_mb__after_atomic();",
	"smp_mb__before_atomic();\nr4 = READ_ONCE(*z);", "atomic_inc(z);", "r4 = xchg(z, 1);",
	"r4 = xchg_acquire(z, 1);",
	"r4 = xchg_release(z, 1);", "r4 = cmpxchg(z, 1, 2);", "r4 = cmpxchg(z, 0, 2);",
	"r4 = cmpxchg_acquire(z, 0, 2);",
	"smp_mb__after_atomic();", "r4 = spin_is_locked(l);", "smp_store_mb(*z, 1);",
	"r4 = atomic_fetch_add_release(1, z);"}

// Those that begin before the first access or end behind the second.
var around = [][2]string{{"", ""}, {"", ""}, {"", ""}, {"rcu_read_lock();", "rcu_read_unlock();"},
	{"spin_lock(l);", "spin_unlock(l);"}, {"spin_lock(l);", "spin_unlock(l);"}}

// The accesses; one that reads leaves what it finds in r%[2]d.
var accesses = []string{"WRITE_ONCE(*%[1]s, %[2]d);", "r%[2]d = READ_ONCE(*%[1]s);",
	"smp_store_release(%[1]s, %[2]d);",
	"r%[2]d = smp_load_acquire(%[1]s);", "*%[1]s = %[2]d;", "r%[2]d = *%[1]s;",
	"r%[2]d = xchg_relaxed(%[1]s, %[2]d);",
	"atomic_inc(%[1]s);"}

func TestOrders(t *testing.T) {
	rounds := 200
	if testing.Short() {
		rounds = 80
	}
	r := rand.New(rand.NewPCG(6, 18))
	compared := 0
	for range rounds {
		var b strings.Builder
		b.WriteString("C order\n{}\n")
		for i, loc := range [][2]string{{"x", "y"}, {"y", "x"}} {
			if r.IntN(4) == 0 {
				loc = [2]string{"x", "y"}
			}
			in := around[r.IntN(len(around))]
			order := orderings[r.IntN(len(orderings))]
			unlock := in[1]
			if unlock == "spin_unlock(l);" { // the second access may be in a section of its own, or in none
				switch order = "spin_unlock(l);"; r.IntN(3) {
				case 0:
					order += "\nspin_lock(l);"
				case 1:
					order += "\nspin_lock(l);\nsmp_mb__after_unlock_lock();"
				default:
					unlock = ""
				}
			}
			fmt.Fprintf(&b, "P%d(int *x, int *y, int *z, spinlock_t *l)\n{\n%s\n%s\n%s\n%s\n%s\n}\n", i, in[0],
				fmt.Sprintf(accesses[r.IntN(len(accesses))], loc[0], 2*i+1), order,
				fmt.Sprintf(accesses[r.IntN(len(accesses))], loc[1], 2*i+2), unlock)
		}
		b.WriteString("exists (x=1)\n")
		if _, _, ok := sameAsCandidates(t, b.String(), 2000); ok {
			compared++
		}
	}
	if compared < rounds/5 {
		t.Errorf("%d compared", compared)
	}
}

// The same where a thread waits for an address.
func TestAddressGuesses(t *testing.T) {
	rounds := 400
	if testing.Short() {
		rounds = 150
	}
	reads := []string{"r0 = READ_ONCE(*%[1]s);", "r0 = smp_load_acquire(%[1]s);", "r0 = *%[1]s;",
		"r0 = xchg_relaxed(%[1]s, a);", "r0 = cmpxchg(%[1]s, b, a);"}
	uses := []string{"WRITE_ONCE(*r0, 1);", "*r0 = 1;", "r1 = READ_ONCE(*r0);",
		"r1 = atomic_read(r0);\nWRITE_ONCE(*a, r1);",
		"if (r0 == a) {\nr1 = READ_ONCE(*r0);\n}", "atomic_inc(r0);", "smp_store_release(r0, 2);"}
	writes := []string{"WRITE_ONCE(*%[1]s, b);", "WRITE_ONCE(*%[1]s, r0);", "smp_store_release(%[1]s, b);",
		"*%[1]s = b;"}
	r := rand.New(rand.NewPCG(7, 18))
	one := func(of []string) string { return of[r.IntN(len(of))] }
	compared := 0
	for range rounds {
		var b strings.Builder
		b.WriteString("C address\n{ p = a; q = b; }\n")
		for i, loc := range [][2]string{{"p", "q"}, {"q", "p"}} {
			fmt.Fprintf(&b, "P%d(int *p, int *q, int *a, int *b)\n{\n%s\n%s\n%s\n%s\n}\n", i,
				fmt.Sprintf(one(reads), loc[0]), one(loadedFences), one(uses), fmt.Sprintf(one(writes), loc[1]))
		}
		b.WriteString("exists (a=1)\n")
		if _, _, ok := sameAsCandidates(t, b.String(), 4000); ok {
			compared++
		}
	}
	if compared < rounds/4 {
		t.Errorf("%d compared", compared)
	}
}
