package machine

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ctcheck/model"
)

// No slot straddles two words and no two slots share a bit; beyond that, assign may do as it likes.
func TestSlotsNeitherStraddleNorOverlap(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		slots := make([]slot, rnd.IntN(40))
		bits := 0
		for i := range slots {
			slots[i].width = rnd.IntN(33)
			bits += slots[i].width
		}
		for i := range slots {
			slots[i].scratch = i > 0 && rnd.IntN(4) == 0 // there is always something to store
		}
		words, total := assign(slots)
		if words < 1 || total > 2+len(slots) || total*64 < bits {
			t.Fatalf("%d words for %d bits", words, bits)
		}
		used := make([]uint64, total)
		for _, s := range slots {
			if s.width == 0 {
				continue
			}
			if s.word >= total || s.scratch != (s.word >= words) || int(s.shift)+s.width > 64 {
				t.Fatalf("slot %+v ends beyond its word; %d words", s, words)
			}
			mask := uint64(1<<s.width-1) << s.shift
			if used[s.word]&mask != 0 {
				t.Fatalf("slot %+v overlaps another", s)
			}
			used[s.word] |= mask
		}
	}
}

func TestLayoutFillsTheFirstWordWithRoom(t *testing.T) {
	for _, row := range []struct {
		widths []int
		words  int
		why    string
	}{
		{nil, 1, "a state has at least one word, so that it can be compared"},
		{[]int{0, 0}, 1, "variables of a single value need no bit"},
		{[]int{32, 32}, 1, "they fill a word to the last bit"},
		{[]int{32, 32, 0}, 1, "a slot without bits fits behind a full word"},
		{[]int{32, 32, 1}, 2, "one bit more"},
		{[]int{20, 30, 14, 20, 30}, 2, "widest first: 30+30, then 20+20+14; as declared it were 3"},
		{[]int{1, 31, 32, 32, 32}, 2, "small ones go into the gaps, wherever they were declared"},
	} {
		slots := make([]slot, len(row.widths))
		for i, w := range row.widths {
			slots[i].width = w
		}
		if got, _ := assign(slots); got != row.words {
			t.Errorf("widths %v: %d words, want %d: %s", row.widths, got, row.words, row.why)
		}
	}
}

func randomRange(rnd *rand.Rand) model.Range {
	size := int64(1) << rnd.IntN(33)
	lo := int64(0)
	if rnd.IntN(2) == 0 {
		lo = -rnd.Int64N(1 << 33)
	}
	if size == 1<<32 {
		return model.Range{Lo: lo, Hi: lo + size - 1} // exactly 32 bits
	}
	return model.Range{Lo: lo, Hi: lo + rnd.Int64N(size)}
}

func value(rnd *rand.Rand, r model.Range) int64 {
	switch rnd.IntN(4) {
	case 0:
		return r.Lo
	case 1:
		return r.Hi
	}
	return r.Lo + rnd.Int64N(r.Hi-r.Lo+1)
}

// Many variables over several words: a store changes its variable to just that value, and no other
// variable, whatever the ranges. A Go map of values stands beside the machine.
func TestValuesSurvivePacking(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	most := 0
	for round := range 40 {
		p := model.New("packing")
		want := map[string]int64{}
		n := 2 + rnd.IntN(12)
		for i := range n {
			r := randomRange(rnd)
			init := value(rnd, r)
			v := p.Shared(fmt.Sprintf("v%d", i), r, model.Int(init))
			want[v.Name] = init
		}
		type store struct {
			v *model.Var
			x int64
		}
		var stores []store
		p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
			for range 3 * n {
				v := p.Vars[rnd.IntN(n)]
				s := store{v, value(rnd, v.Range)}
				stores = append(stores, s)
				copied := r.LocalOf(fmt.Sprintf("l%d", len(stores)), v)
				r.WriteOnce("WRITE_ONCE(v, x)", v, model.Int(s.x))
				r.ReadOnce("l = READ_ONCE(v)", copied, v)
				r.WriteOnce("WRITE_ONCE(v, l)", v, copied)
			}
		}))
		w := walk(t, p)
		most = max(most, w.m.Words())
		for i := -1; i < len(stores); i++ {
			if i >= 0 {
				want[stores[i].v.Name] = stores[i].x
				w.step(0, 3)
			}
			got := map[string]int64{}
			for _, b := range w.m.Globals(w.s) {
				got[b.Var.Name] = b.Value
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("round %d, store %d (-want +got):\n%s", round, i, diff)
			}
		}
	}
	if most < 4 {
		t.Errorf("the widest state has %d words; the test is about states of several", most)
	}
}

// A state is as small as its ranges: Bits counts just what was declared.
func TestBitsCountsDeclaredRanges(t *testing.T) {
	p := model.New("bits")
	p.Shared("three", model.UpTo(7), model.Int(0))
	p.Shared("five, from -10", model.Range{Lo: -10, Hi: 20}, model.Int(0))
	p.Ghost("none", model.Range{Lo: 4, Hi: 4}, model.Int(4))
	c := p.CPU("CPU0")
	handler := p.Routine("handler", func(r *model.Routine) { r.Pause("handler") })
	c.IPI("line", handler) // 1 bit pending, 1 bit pc: nothing runs, or the one point
	c.OnNMI(handler, 3, 2) // 2 bits left, 1 bit pc for each of two depths
	c.Run(p.Routine("main", func(r *model.Routine) {
		l := r.Local("four", model.UpTo(15))
		r.Set(l, model.Int(3))
		r.Pause("main") // 1 bit pc: the pause and the end
	}))
	m := compile(t, p)
	if got, want := m.Bits(), 3+5+0+1+1+2+1+1+4+1; got != want {
		t.Errorf("Bits() = %d, want %d", got, want)
	}
	if s, _ := m.Initial(); m.Words() != 1 || s[0]>>m.Bits() != 1 {
		t.Errorf("%d words, the first is %#x; want the bit above the others set", m.Words(), s[0])
	}
}
