package model

import (
	"math"
	"testing"

	"ctcheck/internal/testkit"
)

func TestRange(t *testing.T) {
	signed := Range{Lo: -3, Hi: 4}
	for _, row := range []struct {
		name  string
		r     Range
		width int
		in    []int64
		out   []int64
	}{
		{"Bool", Bool, 1, []int64{0, 1}, []int64{-1, 2}},
		{"Bits(1)", Bits(1), 1, []int64{0, 1}, []int64{2}},
		{"Bits(32)", Bits(32), 32, []int64{0, 1<<32 - 1}, []int64{1 << 32, -1}},
		{"one value", Range{Lo: 7, Hi: 7}, 0, []int64{7}, []int64{6, 8}},
		{"UpTo(4) needs a third bit for one value", UpTo(4), 3, []int64{0, 4}, []int64{5}},
		{"negative Lo", signed, 3, []int64{-3, 0, 4}, []int64{-4, 5}},
		{"all negative", Range{Lo: -9, Hi: -8}, 1, []int64{-9, -8}, []int64{-10, -7, 0}},
	} {
		if got := row.r.Width(); got != row.width {
			t.Errorf("%s: Width() = %d, want %d", row.name, got, row.width)
		}
		for _, v := range row.in {
			if !row.r.Contains(v) || row.r.Wrap(v) != v {
				t.Errorf("%s: %d is in it, and wraps to itself", row.name, v)
			}
		}
		for _, v := range row.out {
			if row.r.Contains(v) || !row.r.Contains(row.r.Wrap(v)) {
				t.Errorf("%s: %d is not in it, and wraps into it", row.name, v)
			}
		}
	}
	if m := signed.Mod(); !m.Modular || signed.Modular || m.Lo != -3 || m.Hi != 4 {
		t.Errorf("Mod() = %+v of %+v; it is a copy that is modular", m, signed)
	}
}

func TestWrap(t *testing.T) {
	for _, row := range []struct {
		r       Range
		v, want int64
		why     string
	}{
		{UpTo(3), 4, 0, "one past the end is the beginning"},
		{UpTo(3), 11, 3, "twice round"},
		{UpTo(3), -1, 3, "one below the beginning is the end"},
		{UpTo(3), -8, 0, "twice round, downwards"},
		{Range{Lo: -2, Hi: 2}, 3, -2, "the beginning is Lo, not 0"},
		{Range{Lo: -2, Hi: 2}, -3, 2, "and the end Hi"},
		{Range{Lo: 5, Hi: 7}, 0, 6, "0 itself may have to wrap: 0, 3 and 6 are the same"},
		{Range{Lo: 9, Hi: 9}, 3, 9, "a single value is all there is"},
	} {
		if got := row.r.Wrap(row.v); got != row.want {
			t.Errorf("Wrap(%d) in %d..%d = %d, want %d: %s", row.v, row.r.Lo, row.r.Hi, got,
				row.want, row.why)
		}
	}
}

func TestFormat(t *testing.T) {
	p := New("format")
	plain := p.Shared("plain", Range{Lo: -4, Hi: 9}, Int(0))
	other := p.Shared("other", Bits(8), Int(0))
	state := p.Shared("state", Bits(8), Int(0)).
		Flag(Int(1), "WORK").Flag(Int(2), "USER").Flag(Int(0x1c), "count")
	var truth, copied, number *Var
	p.Routine("f", func(r *Routine) {
		truth, number = r.Local("truth", Bool), r.Local("number", UpTo(3))
		copied = r.LocalOf("copied", state)
	})
	ghost := p.Ghost("ghost", Bool, Int(0))
	life := p.Ghost("life", UpTo(5), Int(0)).Case(Int(3), Int(0),
		"idle").Case(Int(3), Int(2), "busy").
		Flag(Int(4), "LATE")
	for _, row := range []struct {
		v    *Var
		x    int64
		want string
		why  string
	}{
		{plain, -4, "-4", "no bit has a name: a number"},
		{state, 0, "0", "no bit is set"},
		{state, 3, "WORK|USER", "single bits print as their names, in order of declaration"},
		{state, 0x0d, "WORK|count*3", "a field prints shifted down"},
		{state, 0x10, "count*4", "the field's highest bit"},
		{state, 0xe2, "USER|224", "bits without a name are a number at the end"},
		{state, 0x20, "32", "only bits without a name"},
		{copied, 3, "WORK|USER", "a local of a variable prints like it"},
		{truth, 1, "true", "a truth value of C"},
		{truth, 0, "false", "a truth value of C"},
		{number, 1, "1", "a local that is no truth value"},
		{ghost, 1, "1", "a ghost is not the C's"},
		{life, 0, "idle", "a case may be 0"},
		{life, 2, "busy", "another case of the same bits"},
		{life, 4, "idle|LATE", "a case of some bits beside another one's flag"},
		{life, 1, "1", "a value without a name"},
		{other.Like(state), 1, "WORK", "Like takes the names, and returns its receiver"},
	} {
		if got := row.v.Format(row.x); got != row.want {
			t.Errorf("%s.Format(%d) = %q, want %q: %s", row.v.Name, row.x, got, row.want, row.why)
		}
	}
	if copied.Range != state.Range {
		t.Errorf("LocalOf has range %+v, want that of the variable, %+v", copied.Range, state.Range)
	}
}

func TestDeclarationsRefuseNonsense(t *testing.T) {
	p, x := New("p"), NewGhost("x", UpTo(3), Int(0))
	for _, row := range []struct {
		name  string
		f     func() *Var
		parts []string
		why   string
	}{
		{"twice", func() *Var { p.Ghost("x", Bool, Int(0)); return p.Ghost("x", Bool, Int(0)) },
			[]string{"x", "twice", "rename"}, "a trace would not tell the two apart"},
		{"an array without elements", func() *Var { return p.Array("y", 0, Bool, False).Vars[0] },
			[]string{"y has 0 elements", "1 to 64"}, "no index would do"},
		{"an array with too many", func() *Var { return p.Array("y", 65, Bool, False).Vars[0] },
			[]string{"y has 65 elements", "1 to 64"}, "each has code of its own"},
		{"no objects", func() *Var { p.Struct("y", 0); return x }, []string{"y has 0 objects", "1 to 64"},
			"as an array"},
		{"per CPU without CPUs", func() *Var { return p.PerCPU("y", Bool, False).Vars[0] },
			[]string{"y is per CPU", "declare these first"}, "it would have none"},
		{"no addresses", func() *Var { p.Addresses(UpTo(0)); return x }, []string{"0 addresses", "1 to 64"},
			"no use"},
		{"an address twice", func() *Var { p.Addresses(UpTo(0), "y", "z", "y"); return x },
			[]string{"address of y", "twice"}, "it would have two values"},
		{"addresses without NULL", func() *Var { p.Addresses(Range{Lo: 1, Hi: 3}, "y"); return x },
			[]string{"1..3", "NULL", "UpTo(0)"}, "0 is NULL"},
		{"a flag that is nil", func() *Var { return p.Shared("y", Bool, False).Flag(nil, "F") },
			[]string{"y", "flag F", "nil"}, "it names nothing"},
		{"a case that is no constant", func() *Var { return p.Shared("y", Bool, False).Case(Int(1), x, "F") },
			[]string{"y", "case F", "constant"}, "it names nothing"},
		{"like nil", func() *Var { return p.Shared("y", Bool, False).Like(nil) }, []string{"y", "Like", "nil"},
			"a slip"},
		{"init not constant", func() *Var { return p.Shared("y", Bool, x) }, []string{"y", "constant"},
			"there is no state to compute it in"},
		{"empty range", func() *Var { return p.Shared("y", Range{Lo: 2, Hi: 1}, Int(2)) }, []string{"y", "2..1",
			"empty"},
			"no value would do"},
		{"33 bits", func() *Var { return p.Shared("y", Bits(33), Int(0)) }, []string{"y", "empty",
			"Bits is for 1 to 32"},
			"layout's limit"},
		{"the whole int64", func() *Var {
			return p.Shared("y", Range{Lo: math.MinInt64, Hi: math.MaxInt64}, Int(0))
		},
			[]string{"y", "32 bits"}, "its size overflows, and must not look small"},
		{"init too high", func() *Var { return p.Shared("y", UpTo(3), Int(4)) }, []string{"y", "4", "0..3"},
			"out of range before the first step"},
		{"init too low", func() *Var { return NewGhost("y", Range{Lo: 1, Hi: 2}, Int(0)) }, []string{"y", "0",
			"1..2"},
			"a monitor's ghost is a variable like others"},
	} {
		p = New("p")
		v := row.f()
		faults := append(p.Faults(), v.Faults()...)
		if len(faults) != 1 {
			t.Errorf("%s: faults %q; it must have one: %s", row.name, faults, row.why)
			continue
		}
		testkit.Mentions(t, faults[0], row.why, append(row.parts, "var_test.go:")...)
	}
}
