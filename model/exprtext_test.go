package model_test

import (
	"testing"

	"ctcheck/model"
)

// Expressions are written as C has them.
func TestExpressionsAsText(t *testing.T) {
	p := model.New("text")
	cpu := p.CPU("CPU0")
	word := p.Ghost("word", model.Bits(4), model.Int(0)).Flag(model.Int(1), "USER").Flag(model.Int(2), "WORK")
	n := p.Ghost("n", model.UpTo(9), model.Int(0))
	ok, done := p.Ghost("ok", model.Bool, model.Int(0)), p.Ghost("done", model.Bool, model.Int(0))
	bit := p.Ghost("bit", model.Bits(1), model.Int(0))
	rows := []struct {
		v    model.Value
		want string
		why  string
	}{
		{model.Int(3), "3", "a constant by itself"},
		{word.Has(model.Int(3)), "word & (USER|WORK)", "a constant beside a variable with names"},
		{word.Or(model.Int(3)), "word | (USER|WORK)", "brackets around several bits"},
		{word.And(model.Int(2)).Eq(model.Int(2)), "(word & WORK) == WORK", "& binds less than == in C"},
		{word.Lacks(model.Int(1)), "!(word & USER)", "none of the bits"},
		{word.AndNot(model.Int(1)), "word & ~USER", "without a bit"},
		{word.Or(model.Int(1)).And(model.Int(2)), "(word | USER) & WORK", "the weaker operator inside"},
		{ok.IsZero(), "!ok", "not"},
		{ok.Or(done).IsZero(), "!(ok || done)", "not of an or"},
		{ok.And(done), "ok && done", "truth values are combined by the logical operators"},
		{ok.And(n.Eq(model.Int(0))), "ok && n == 0", "comparisons bind more strongly"},
		{ok.And(done).Or(n.Lt(model.Int(2))), "ok && done || n < 2", "as in C"},
		{ok.And(done.Or(n.Ne(model.Int(2)))), "ok && (done || n != 2)", "brackets where they matter"},
		{ok.Eq(model.True), "ok", "a truth value says it by itself"},
		{model.Of(model.True).Eq(ok), "ok", "from the other side, too"},
		{ok.NonZero().And(done.Eq(model.False)), "ok && !done", "inside another expression, without brackets"},
		{ok.And(done).Ne(model.True), "!(ok && done)", "not of an and"},
		{n.Lt(model.Int(2)).Eq(model.True), "n < 2", "a comparison is a truth value"},
		{ok.Eq(done), "ok == done", "two of them are compared"},
		{ok.Or(model.True), "ok || true", "a constant beside a truth value"},
		{ok.Add(model.Int(1)), "ok + 1", "but not where it counts"},
		{ok.Add(n).Eq(model.Int(1)), "ok + n == 1", "a sum is none"},
		{bit.Eq(model.Int(1)), "bit == 1", "a mask of one bit is a number"},
		{n.Sub(n.Sub(model.Int(1))), "n - (n - 1)", "minus groups to the left"},
		{n.Sub(model.Int(1)).Sub(n), "n - 1 - n", "minus groups to the left"},
		{n.Add(model.Int(1)).Le(n), "n + 1 <= n", "sums bind more than comparisons"},
		{n.Mul(n.Add(model.Int(1))), "n * (n + 1)", "products bind more than sums"},
		{n.Mul(model.Int(2)).Add(n.Div(model.Int(3))), "n * 2 + n / 3", "products bind more than sums"},
		{n.Add(model.Int(1)).Shl(n.Rem(model.Int(4))), "n + 1 << n % 4", "shifts bind less than sums"},
		{n.Shr(model.Int(1)).Lt(n), "n >> 1 < n", "and more than comparisons"},
		{word.Shl(model.Int(1)).Eq(model.Int(2)), "word << 1 == WORK", "a shifted word is a word"},
		{cpu.Done(), "done(CPU0)", "what a CPU is"},
		{cpu.In(model.Frames(model.User, model.Guest)).IsZero(), "!(frame(CPU0) in {user, guest})",
			"a set of frames"},
		{cpu.Interrupted(), "interrupted(CPU0)", "a handler"},
	}
	for _, row := range rows {
		if got := row.v.Node().String(); got != row.want {
			t.Errorf("%q; want %q (%s)", got, row.want, row.why)
		}
	}
	for v, want := range map[*model.Var]string{ok: "true", word: "USER", n: "1"} {
		if got := model.Int(1).Node().As(v); got != want {
			t.Errorf("1 as a value of %s is %q, want %q", v.Name, got, want)
		}
	}
}
