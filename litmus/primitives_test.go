package litmus_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ctcheck/litmus"
	"ctcheck/model"
)

// What each primitive leaves in x, which was 5, and returns: Documentation/atomic_t.txt and the comments in
// include/linux/atomic/atomic-instrumented.h of the kernel.
var primitives = []struct{ call, want string }{
	{"r0 = READ_ONCE(*x);", "r0=5 x=5"},
	{"r0 = rcu_dereference(*x);", "r0=5 x=5"},
	{"r0 = smp_load_acquire(x);", "r0=5 x=5"},
	{"r0 = atomic_read(x);", "r0=5 x=5"},
	{"r0 = atomic_read_acquire(x);", "r0=5 x=5"},
	{"WRITE_ONCE(*x, 3);", "r0=0 x=3"},
	{"rcu_assign_pointer(*x, 3);", "r0=0 x=3"},
	{"RCU_INIT_POINTER(*x, 3);", "r0=0 x=3"},
	{"smp_store_release(x, 3);", "r0=0 x=3"},
	{"smp_store_mb(*x, 3);", "r0=0 x=3"},
	{"atomic_set(x, 3);", "r0=0 x=3"},
	{"atomic_set_release(x, 3);", "r0=0 x=3"},
	{"atomic_add(3, x);", "r0=0 x=8"},
	{"atomic64_sub(3, x);", "r0=0 x=2"},
	{"atomic_long_inc(x);", "r0=0 x=6"},
	{"atomic_dec(x);", "r0=0 x=4"},
	{"atomic_and(3, x);", "r0=0 x=1"},
	{"atomic_or(3, x);", "r0=0 x=7"},
	{"atomic_xor(3, x);", "r0=0 x=6"},
	{"atomic_andnot(3, x);", "r0=0 x=4"},
	{"r0 = atomic_add_return(3, x);", "r0=8 x=8"},
	{"r0 = atomic_sub_return_relaxed(3, x);", "r0=2 x=2"},
	{"r0 = atomic_inc_return_acquire(x);", "r0=6 x=6"},
	{"r0 = atomic_dec_return_release(x);", "r0=4 x=4"},
	{"r0 = atomic_fetch_add(3, x);", "r0=5 x=8"},
	{"r0 = atomic_fetch_sub(3, x);", "r0=5 x=2"},
	{"r0 = atomic_fetch_inc(x);", "r0=5 x=6"},
	{"r0 = atomic_fetch_dec(x);", "r0=5 x=4"},
	{"r0 = atomic_fetch_and(3, x);", "r0=5 x=1"},
	{"r0 = atomic_fetch_or(3, x);", "r0=5 x=7"},
	{"r0 = atomic_fetch_xor(3, x);", "r0=5 x=6"},
	{"r0 = atomic_fetch_andnot(3, x);", "r0=5 x=4"},
	{"r0 = xchg(x, 3);", "r0=5 x=3"},
	{"r0 = atomic_xchg_acquire(x, 3);", "r0=5 x=3"},
	{"r0 = atomic_sub_and_test(5, x);", "r0=1 x=0"},
	{"r0 = atomic_sub_and_test(3, x);", "r0=0 x=2"},
	{"r0 = atomic_dec_and_test(x);", "r0=0 x=4"},
	{"r0 = atomic_inc_and_test(x);", "r0=0 x=6"},
	{"r0 = atomic_add_negative(-6, x);", "r0=1 x=-1"},
	{"r0 = atomic_add_negative(-5, x);", "r0=0 x=0"},
	{"r0 = cmpxchg(x, 5, 3);", "r0=5 x=3"},
	{"r0 = cmpxchg(x, 4, 3);", "r0=5 x=5"},
	{"r0 = atomic_cmpxchg_release(x, 5, 3);", "r0=5 x=3"},
	{"r1 = 5; r0 = try_cmpxchg(x, &r1, 3); r0 = r0 * 10 + r1;", "r0=15 x=3"},
	{"r1 = 4; r0 = atomic_try_cmpxchg(x, &r1, 3); r0 = r0 * 10 + r1;", "r0=5 x=5"},
	{"r1 = 4; r0 = r1 * 10 + try_cmpxchg(x, &r1, 3);", "r0=40 x=5"},
	{"r0 = 5; r0 = try_cmpxchg(x, &r0, 3);", "r0=1 x=3"},
	{"r0 = 4; r0 = try_cmpxchg(x, &r0, 3);", "r0=0 x=5"},
	{"r0 = atomic_add_unless(x, 3, 4);", "r0=1 x=8"},
	{"r0 = atomic_add_unless(x, 3, 5);", "r0=0 x=5"},
	{"r0 = atomic_fetch_add_unless(x, 3, 4);", "r0=5 x=8"},
	{"r0 = atomic_fetch_add_unless(x, 3, 5);", "r0=5 x=5"},
	{"r0 = atomic_inc_not_zero(x);", "r0=1 x=6"},
	{"*x = 0; smp_mb(); r0 = atomic_inc_not_zero(x);", "r0=0 x=0"},
	{"r0 = atomic_inc_unless_negative(x);", "r0=1 x=6"},
	{"*x = -1; smp_mb(); r0 = atomic_inc_unless_negative(x);", "r0=0 x=-1"},
	{"r0 = atomic_dec_unless_positive(x);", "r0=0 x=5"},
	{"*x = 0; smp_mb(); r0 = atomic_dec_unless_positive(x);", "r0=1 x=-1"},
	{"r0 = atomic_dec_if_positive(x);", "r0=4 x=4"},
	{"*x = 0; smp_mb(); r0 = atomic_dec_if_positive(x);", "r0=-1 x=0"},
	{"r0 = spin_trylock(l); r0 = r0 * 10 + spin_is_locked(l);", "r0=11 x=5"},
	{"spin_lock(l); r0 = spin_trylock(l);", "r0=0 x=5"},
	{"raw_spin_lock(l); raw_spin_unlock(l); smp_mb(); r0 = spin_is_locked(l);", "r0=0 x=5"},
	{"r0 = srcu_read_lock(s); srcu_read_unlock(s, r0); synchronize_srcu(s);", "r0=0 x=5"},
	{"smp_rmb(); smp_wmb(); barrier(); smp_mb__before_atomic(); smp_mb__after_atomic();", "r0=0 x=5"},
	{"smp_mb__after_spinlock(); smp_mb__after_unlock_lock(); smp_mb__after_srcu_read_unlock(); cpu_relax();",
		"r0=0 x=5"},
	{"rcu_read_lock(); rcu_read_unlock(); synchronize_rcu(); synchronize_rcu_expedited();", "r0=0 x=5"},

	{"r0 = -*x + ~1 + !0 + +2 - (7 / 2) * (7 % 4);", "r0=-13 x=5"},
	{"r0 = (1 << 3 | 6 >> 1) ^ (5 & 4);", "r0=15 x=5"},
	{"r0 = (*x > 4) + (*x >= 5) * 2 + (*x < 5) * 4 + (*x <= 5) * 8 + (*x == 5) * 16 + (*x != 5) * 32;",
		"r0=27 x=5"},
	{"r0 = *x ? (*x)++ : 9; r0 = r0 * 10 + (*x)--;", "r0=56 x=5"},
	{"r0 = 1; r0 += 3; r0 <<= 2; r0 -= 1; r0 |= 16; r0 ^= 3; r0 %= 20; r0 /= 2; r0 *= 3; r0 &= 14; r0 >>= 1;",
		"r0=6 x=5"},
	{"r0 = *x ?: 9;", "r0=5 x=5"},
	{"r0 = *x - 5 ?: 9;", "r0=9 x=5"},
	{"r0 = (*x)-- ?: 9;", "r0=5 x=4"},
	{"r0 = 2; r0 = r0 ?: r0++;", "r0=2 x=5"},
	{"r0 = *x - 5 ?: (*x)++ + 1;", "r0=6 x=6"},
	{"r0 = (*x = 3, *x + 1);", "r0=4 x=3"},
	{"int i = 0; do { r0 += i; if (i == 3) break; } while (++i < 9);", "r0=6 x=5"},
	{"for (;;) { if (r0 >= 3) break; r0++; }", "r0=3 x=5"},
	{"r0 = 'a' - 0x60 + 010;", "r0=9 x=5"},
	{"r1 = r0++; r0 = r1 * 10 + ++r0;", "r0=2 x=5"},
}

// Every primitive and operator does what its documentation says, under both memory models.
func TestPrimitives(t *testing.T) {
	missing := litmus.Primitives()
	for _, p := range primitives {
		src := fmt.Sprintf("C t\n{ x = 5; }\nP0(int *x, spinlock_t *l, struct srcu_struct *s)\n{\n%s\n}\n"+
			"locations [x; 0:r0]\nexists (true)\n", p.call)
		test, err := litmus.Parse("t", []byte(src))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
			got := states(t, mm, program(t, test))
			r0, x, _ := strings.Cut(p.want, " x=")
			if want := []string{"0:" + r0 + "; [x]=" + x + ";"}; !slices.Equal(got, want) {
				t.Errorf("%s under %s: %q, want %q", p.call, mm, got, want)
			}
		}
		missing = slices.DeleteFunc(missing, func(name string) bool { return strings.Contains(p.call, name+"(") })
	}
	missing = slices.DeleteFunc(missing, func(name string) bool { // the same with another order, or by another name
		for _, s := range []string{"_relaxed", "_acquire", "_release"} {
			name = strings.TrimSuffix(name, s)
		}
		name = strings.NewReplacer("atomic64_", "atomic_", "atomic_long_", "atomic_", "raw_spin", "spin",
			"_expedited", "",
			"srcu_down_read", "srcu_read_lock", "srcu_up_read", "srcu_read_unlock", "_raw", "",
			"rcu_access_pointer",
			"rcu_dereference").Replace(name)
		return slices.ContainsFunc(primitives, func(p struct{ call, want string }) bool {
			return strings.Contains(p.call, name)
		})
	})
	if len(missing) > 0 {
		t.Errorf("no test calls %s", strings.Join(missing, ", "))
	}
}

// Each conditional jump is taken where its comparison says.
func TestJumps(t *testing.T) {
	jumps := map[string]func(a, b int) bool{
		"JE": func(a, b int) bool { return a == b }, "JZ": func(a, b int) bool { return a == b },
		"JNE": func(a, b int) bool { return a != b }, "JNZ": func(a, b int) bool { return a != b },
		"JL": func(a, b int) bool { return a < b }, "JLE": func(a, b int) bool { return a <= b },
		"JG": func(a, b int) bool { return a > b }, "JGE": func(a, b int) bool { return a >= b },
		"JS": func(a, b int) bool { return a < b }, "JNS": func(a, b int) bool { return a >= b },
		"JMP": func(a, b int) bool { return true },
	}
	for jump, taken := range jumps {
		for _, compare := range [][2]int{{1, 2}, {2, 2}, {3, 2}, {-1, 1}} {
			src := fmt.Sprintf("X86 t\n{}\n P0 ;\n MOV EAX,$%d ;\n CMP EAX,$%d ;\n %s out ;\n MOV EBX,$1 ;\n "+
				"out: ;\n"+
				" MOV ECX,$1 ;\nlocations [0:EBX; 0:ECX]\nexists (true)\n", compare[0], compare[1], jump)
			test, err := litmus.Parse("t", []byte(src))
			if err != nil {
				t.Fatal(err)
			}
			want := "0:EBX=1; 0:ECX=1;"
			if taken(compare[0], compare[1]) {
				want = "0:EBX=0; 0:ECX=1;"
			}
			if got := states(t, model.SC, program(t, test)); !slices.Equal(got, []string{want}) {
				t.Errorf("%s after CMP %v: %q, want %q", jump, compare, got, want)
			}
		}
	}
}
