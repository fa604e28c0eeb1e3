package cttest_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ctcheck/cttest"
	"ctcheck/model"
)

// A litmus is a shape with its known answer: one outcome that a paper or manual asks about, whether each
// memory model allows it, and the exact set of final states, digits in the order of see. The sets are not
// published, but follow from the axioms (see shape_test.go), which the test computes too.
type litmus struct {
	name, source string
	code         string
	see          string
	outcome      string
	allowed      string // where: "" for nowhere, "tso", "sc tso"
	sc           string
	more         string // what TSO has besides
}

// Sources: OSS is Owens, Sarkar and Sewell, A better x86 memory model: x86-TSO (TPHOLs 2009, extended
// version, with its errata), which has the tests of Intel's white paper (iwp) and AMD's manual (amd) and its
// own, n1 to n8. SDM is Intel's manual, volume 3, section 8.2.3, examples 8-1 to 8-10; CACM is Sewell,
// Sarkar, Owens, Zappa Nardelli and Myreen, x86-TSO (CACM 53(7), 2010). Cats is Alglave, Maranget and
// Tautschnig, Herding cats (TOPLAS 36(2), 2014), where the other names come from.
var litmuses = []litmus{
	{"SB", "SDM 8-3, OSS iwp2.3.a, CACM section 1", "x=1; EAX=y | y=1; EBX=x", "EAX EBX",
		"00", "tso", "01 10 11", "00"},
	{"SB+mbs", "OSS amd5", "x=1; mb; EAX=y | y=1; mb; EBX=x", "EAX EBX", "00", "", "01 10 11", ""},
	{"SB+mb+po", "Cats: one fence of two is none", "x=1; mb; EAX=y | y=1; EBX=x", "EAX EBX",
		"00", "tso", "01 10 11", "00"},
	{"SB+xchgs", "SDM 8-9, OSS iwp2.8.a", "xchg x=1; EAX=y | xchg y=1; EBX=x", "EAX EBX",
		"00", "", "01 10 11", ""},
	{"SB+xchg_relaxeds", "as above: on x86 relaxed ones are locked too (Documentation/atomic_t.txt " +
		"lets other machines reorder them)", "xchg_relaxed x=1; EAX=y | xchg_relaxed y=1; EBX=x", "EAX EBX",
		"00", "", "01 10 11", ""},
	{"SB+xchg+po", "OSS n8, as the errata have it", "xchg x=1; EAX=y | y=1; EBX=x", "EAX EBX",
		"00", "tso", "01 10 11", "00"},
	{"SB+store_mbs", "memory-barriers.txt: smp_store_mb() is a store and smp_mb(), on x86 an xchg",
		"store_mb x=1; EAX=y | store_mb y=1; EBX=x", "EAX EBX", "00", "", "01 10 11", ""},
	{"SB+rel+acq", "memory-barriers.txt: a release before an acquire is no full barrier",
		"rel x=1; acq EAX=y | rel y=1; acq EBX=x", "EAX EBX", "00", "tso", "01 10 11", "00"},
	{"SB+wmb+rmb", "memory-barriers.txt: neither orders a store before a load",
		"x=1; wmb; rmb; EAX=y | y=1; wmb; rmb; EBX=x", "EAX EBX", "00", "tso", "01 10 11", "00"},
	{"SB+mb__before_atomic", "atomic_t.txt: without an atomic beside them they are barrier() on x86",
		"x=1; mb__before_atomic; EAX=y | y=1; mb__after_atomic; EBX=x", "EAX EBX",
		"00", "tso", "01 10 11", "00"},
	{"SB+other", "OSS: a locked instruction on another variable drains the buffer like mfence",
		"x=1; xchg z=1; EAX=y | y=1; xchg z=2; EBX=x", "EAX EBX", "00", "", "01 10 11", ""},
	{"SB+rfis", "SDM 8-5, OSS iwp2.4 and amd9", "x=1; EAX=x; EBX=y | y=1; ECX=y; EDX=x", "EAX EBX ECX EDX",
		"1010", "tso", "1011 1110 1111", "1010"},
	{"SB+rfis+mbs", "OSS amd10", "x=1; mb; EAX=x; EBX=y | y=1; mb; ECX=y; EDX=x", "EAX EBX ECX EDX",
		"1010", "", "1011 1110 1111", ""},
	{"SB+two stores", "OSS amd3", "x=1; x=2; EAX=y | y=1; y=2; EBX=x", "EAX EBX",
		"11", "tso", "02 12 20 21 22", "00 01 10 11"},
	{"one store", "SDM 8-4, OSS iwp2.3.b", "x=1; EAX=x | y=1; EBX=y", "EAX EBX", "00", "", "11", ""},

	{"MP", "SDM 8-1, OSS iwp2.1", "x=1; y=1 | EAX=y; EBX=x", "EAX EBX", "10", "", "00 01 11", ""},
	{"MP+xchg", "SDM 8-10, OSS iwp2.8.b", "xchg x=1; y=1 | EAX=y; EBX=x", "EAX EBX", "10", "", "00 01 11", ""},
	{"MP+rel+acq", "memory-barriers.txt", "x=1; rel y=1 | acq EAX=y; EBX=x", "EAX EBX", "10", "", "00 01 11", ""},
	{"LB", "SDM 8-2, OSS iwp2.2", "EAX=x; y=1 | EBX=y; x=1", "EAX EBX", "11", "", "00 01 10", ""},
	{"S", "Cats", "x=2; y=1 | EAX=y; x=1", "x EAX", "21", "", "10 11 20", ""},
	{"R", "Cats", "x=1; y=1 | y=2; EAX=x", "y EAX", "20", "tso", "10 11 21", "20"},
	{"R+mb", "Cats", "x=1; y=1 | y=2; mb; EAX=x", "y EAX", "20", "", "10 11 21", ""},
	{"2+2W", "Cats", "x=1; y=2 | y=1; x=2", "x y", "11", "", "12 21 22", ""},
	{"CoRR", "Cats", "x=1 | EAX=x; EBX=x", "EAX EBX", "10", "", "00 01 11", ""},
	{"CoRR2", "coherence, which OSS iwp2.6 asks of two readers", "x=1 | x=2 | EAX=x; EBX=x", "EAX EBX x",
		"121", "", "001 002 011 012 021 022 111 112 122 211 221 222", ""},

	{"WRC", "SDM 8-6, OSS iwp2.5 and amd8", "x=1 | EAX=x; y=1 | EBX=y; ECX=x", "EAX EBX ECX",
		"110", "", "000 001 010 011 100 101 111", ""},
	{"RWC", "OSS rwc-unfenced", "x=1 | EAX=x; EBX=y | y=1; ECX=x", "EAX EBX ECX",
		"100", "tso", "000 001 010 011 101 110 111", "100"},
	{"RWC+mb", "OSS rwc-fenced", "x=1 | EAX=x; EBX=y | y=1; mb; ECX=x", "EAX EBX ECX",
		"100", "", "000 001 010 011 101 110 111", ""},
	{"IRIW", "SDM 8-7, OSS amd6, CACM section 2", "x=1 | y=1 | EAX=x; EBX=y | ECX=y; EDX=x",
		"EAX EBX ECX EDX", "1010", "",
		"0000 0001 0010 0011 0100 0101 0110 0111 1000 1001 1011 1100 1101 1110 1111", ""},
	{"IRIW+xchgs", "SDM 8-8, OSS iwp2.7 and amd7", "xchg x=1 | xchg y=1 | EAX=x; EBX=y | ECX=y; EDX=x",
		"EAX EBX ECX EDX", "1010", "",
		"0000 0001 0010 0011 0100 0101 0110 0111 1000 1001 1011 1100 1101 1110 1111", ""},

	{"n1", "OSS n1", "x=2; EAX=y | y=1; x=1 | EBX=x; ECX=x", "EAX EBX ECX", "012", "tso",
		"000 001 002 011 021 022 100 101 102 111 112 121 122", "012"},
	{"n4", "OSS n4", "EAX=x; x=1; EBX=x | ECX=x; x=2; EDX=x", "EAX EBX ECX EDX",
		"2112", "", "0101 0102 0112 0202 0212 2101 2102", ""},
	{"n5", "OSS n5, CACM section 2", "x=1; EAX=x | x=2; EBX=x", "EAX EBX", "21", "", "11 12 22", ""},
	{"n6", "OSS n6, CACM section 2", "x=1; EAX=x; EBX=y | y=2; x=2", "EAX EBX x",
		"101", "tso", "102 121 122 222", "101"},
	{"n7", "OSS n7", "x=1; EAX=x; EBX=y | y=1 | ECX=y; EDX=x", "EAX EBX ECX EDX",
		"1010", "tso", "1000 1001 1011 1100 1101 1110 1111", "1010"},
}

// finals is the final states of a shape, as digits.
func finals(t testing.TB, mm model.MemoryModel, code, see string) []string {
	t.Helper()
	p, named := program(code)
	var vars []*model.Var
	for name := range strings.FieldsSeq(see) {
		vars = append(vars, named[name])
	}
	return digits(t, mm, p, vars)
}

// digits is the final values of variables that hold one digit each.
func digits(t testing.TB, mm model.MemoryModel, p *model.Program, vars []*model.Var) (got []string) {
	t.Helper()
	for _, f := range cttest.Under(mm).Finals(t, p, vars...) {
		var text strings.Builder
		for part := range strings.FieldsSeq(f) {
			_, x, _ := strings.Cut(part, "=")
			text.WriteString(x)
		}
		got = append(got, text.String())
	}
	return got
}

func TestLitmus(t *testing.T) {
	for _, l := range litmuses {
		sc := strings.Fields(l.sc)
		tso := slices.Sorted(slices.Values(slices.Concat(sc, strings.Fields(l.more))))
		for mm, want := range map[model.MemoryModel][]string{model.SC: sc, model.TSO: tso} {
			got := finals(t, mm, l.code, l.see)
			if !slices.Equal(got, want) {
				t.Errorf("%s under %s: the final states %s are\n%s, want\n%s", l.name, mm, l.see,
					strings.Join(got, " "), strings.Join(want, " "))
			}
			if axioms := axiomatic(mm, l.code, l.see); !slices.Equal(got, axioms) {
				t.Errorf("%s under %s: the final states %s are\n%s, by the axioms\n%s", l.name, mm, l.see,
					strings.Join(got, " "), strings.Join(axioms, " "))
			}
			allowed := slices.Contains(strings.Fields(l.allowed), mm.String())
			if slices.Contains(got, l.outcome) != allowed {
				t.Errorf("%s under %s: %s = %s is allowed: %t, by %s: %t", l.name, mm, l.see, l.outcome,
					!allowed, l.source, allowed)
			}
		}
	}
}

// randomShape is a shape of two or three CPUs with a few instructions on two variables, the same with an
// smp_mb() behind every store, and all that there is to see of them.
func randomShape(seed uint64) (code, fenced, see string) {
	g := rand.New(rand.NewPCG(seed, 5))
	pick := func(of ...string) string { return of[g.IntN(len(of))] }
	var cpus, barred, regs []string
	left := 7
	for range 2 + g.IntN(4)/3 {
		var is, bs []string
		for range min(2+g.IntN(3), left) {
			left--
			v, what := pick("x", "y"), 1+g.IntN(3)
			in, barrier := "", ""
			switch k := g.IntN(12); {
			case k < 5:
				in, barrier = fmt.Sprintf("%s %s=%d", pick("", "", "rel"), v, what), "mb"
			case k < 10:
				reg := fmt.Sprint("R", len(regs))
				in, regs = fmt.Sprintf("%s %s=%s", pick("", "", "acq"), reg, v), append(regs, reg)
			case k == 10:
				in = fmt.Sprintf("%s %s=%d", pick("xchg", "xchg_relaxed", "store_mb"), v, what)
			default:
				in = pick(slices.Sorted(maps.Keys(barriers))...)
			}
			is, bs = append(is, in), append(bs, in)
			if barrier != "" {
				bs = append(bs, barrier)
			}
		}
		if len(is) > 0 {
			cpus, barred = append(cpus, strings.Join(is, "; ")), append(barred, strings.Join(bs, "; "))
		}
	}
	code = strings.Join(cpus, " | ")
	_, vars := names(parse(code))
	return code, strings.Join(barred, " | "), strings.Join(append(regs, vars...), " ")
}

// shapeDisagreement compares a shape's final states with those by the axioms, and those of the two memory
// models with each other: TSO has all of SC's, and the same with a barrier behind every store. It says
// which states only TSO has.
func shapeDisagreement(t testing.TB, seed uint64) (more []string, difference string) {
	t.Helper()
	code, fenced, see := randomShape(seed)
	sc, tso := finals(t, model.SC, code, see), finals(t, model.TSO, code, see)
	for mm, got := range map[model.MemoryModel][]string{model.SC: sc, model.TSO: tso} {
		if want := axiomatic(mm, code, see); !slices.Equal(got, want) {
			return nil, fmt.Sprintf("%s under %s: %s = %v, by the axioms %v", code, mm, see, got, want)
		}
	}
	for _, f := range sc {
		if !slices.Contains(tso, f) {
			return nil, fmt.Sprintf("%s: %s = %s under sc only", code, see, f)
		}
	}
	if got := finals(t, model.TSO, fenced, see); !slices.Equal(got, sc) {
		return nil, fmt.Sprintf("%s under tso: %s = %v, under sc without the barriers %v", fenced, see, got, sc)
	}
	return slices.DeleteFunc(tso, func(f string) bool { return slices.Contains(sc, f) }), ""
}

func TestShapesAgreeWithAxioms(t *testing.T) {
	weak, n := 0, uint64(400)
	if testing.Short() {
		n = 100
	}
	for seed := range n {
		more, difference := shapeDisagreement(t, seed)
		if difference != "" {
			t.Errorf("seed %d: %s", seed, difference)
		}
		if len(more) > 0 {
			weak++
		}
	}
	t.Logf("%d have more final states under tso", weak)
	if uint64(weak) < n/40 {
		t.Errorf("%d of the shapes have more final states under tso; they are too much alike", weak)
	}
}

func FuzzShapesAgreeWithAxioms(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		if _, difference := shapeDisagreement(t, seed); difference != "" {
			t.Error(difference)
		}
	})
}
