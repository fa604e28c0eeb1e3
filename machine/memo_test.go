package machine

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"ctcheck/model"
)

// What a stepper remembers it finds again, under the bits of the footprint alone, however much there is; a table
// with twice the entries needs no more than twice the slots.
func TestMemoAgainstMap(t *testing.T) {
	for _, mask := range []footprint{{0xffff}, {0xff, 0xff00}, {0, 0, 0xfff}} {
		mo := newMemo(mask)
		r := rand.New(rand.NewPCG(uint64(len(mask)), 1))
		want := map[[3]uint64]uint32{}
		masked := func(s []uint64) (k [3]uint64) {
			for i := range s {
				k[i] = s[i] & mask[i]
			}
			return k
		}
		for n := range uint32(3000) {
			s := []uint64{r.Uint64(), r.Uint64(), r.Uint64()}[:len(mask)]
			v := mo.find(s)
			first, known := want[masked(s)]
			if known != (v.marks != 0) || known && v.first != first {
				t.Fatalf("%d words, %d entries: found %+v, want %d, %t", len(mask), len(want), v, first, known)
			}
			if !known {
				mo.put(s, memoVal{run: run{first: n, marks: runKnown}})
				want[masked(s)] = n
			}
		}
		for k, first := range want {
			if v := mo.find(k[:len(mask)]); v.marks == 0 || v.first != first {
				t.Fatalf("%d words: %x is lost", len(mask), k)
			}
		}
		if mo.n != len(want) || len(mo.vals) > 4*len(want) {
			t.Errorf("%d words: %d entries in %d slots, want %d", len(mask), mo.n, len(mo.vals), len(want))
		}
	}
}

// A stepper remembers what it did and what it judged, and what it cannot remember it forgets before the next
// expansion.
func TestStepperRemembers(t *testing.T) {
	m := printed(t)
	st := m.NewStepper()
	s, _ := m.Initial()
	var a, b Successors
	st.Expand(s, &a)
	kept := len(st.via)
	st.Judge(s)
	st.Expand(s, &b)
	st.Judge(s)
	if len(st.via) != kept || len(st.outs) != 1 {
		t.Errorf("%d successors remembered and %d judgements, want %d and 1", len(st.via), len(st.outs), kept)
	}
	for i := range st.cpus {
		for _, lv := range st.cpus[i].levels {
			for j := range lv.at {
				lv.at[j] = newMemo(lv.at[j].mask)
				lv.at[j].n = maxMemo // full
			}
		}
	}
	for range 3 {
		b.Reset()
		st.Expand(s, &b)
		if len(st.via) > 2*kept || len(st.delta) != st.words*len(st.via) || len(st.eff) != len(st.via) {
			t.Fatalf("%d successors are kept that cannot be remembered", len(st.via)-kept)
		}
	}
	if len(a.Via) != len(b.Via) {
		t.Errorf("%d successors, %d when they were known", len(a.Via), len(b.Via))
	}
}

// The memory of a stepper is that of all its tables; a bound on memory rests on it.
func TestStepperBytes(t *testing.T) {
	p := solo(func(p *model.Program, r *model.Routine) {
		for i := range 3 {
			r.WriteOnce("store", p.Shared(string(rune('a'+i)), model.UpTo(1<<31), model.Int(0)), model.Int(1))
		}
	})
	for _, m := range []*Machine{printed(t), compile(t, p)} {
		st := m.NewStepper()
		before := st.Bytes()
		grow := func(name string, f func(), want uintptr) {
			t.Helper()
			f()
			if got := st.Bytes() - before; got != uint64(want) {
				t.Errorf("%s: %d bytes more, want %d", name, got, want)
			}
			before = st.Bytes()
		}
		const n = 1000
		grow("flips", func() { st.delta = make([]uint64, cap(st.delta)+n) }, 8*n)
		grow("transitions", func() { st.via = make([]uint16, cap(st.via)+n) }, 2*n)
		grow("numbers of effects", func() { st.eff = make([]uint32, cap(st.eff)+n) }, 4*n)
		grow("effects", func() { st.fx = make([]Effects, cap(st.fx)+n) }, n*unsafe.Sizeof(Effects{}))
		grow("judgements", func() { st.outs = make([]outcome, cap(st.outs)+n) }, n*unsafe.Sizeof(outcome{}))
		for _, mo := range []*memo{&st.state, &st.cpus[0].levels[0].at[0]} {
			grow("masks", func() { mo.mask = make(footprint, cap(mo.mask)+n) }, 8*n)
			grow("keys", func() { mo.keys = make([]uint64, cap(mo.keys)+n) }, 8*n)
			grow("entries", func() { mo.vals = make([]memoVal, cap(mo.vals)+n) }, n*unsafe.Sizeof(memoVal{}))
		}
	}
}
