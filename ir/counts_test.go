package ir_test

import (
	"fmt"
	"strings"
	"testing"

	"ctcheck/ir"
	"ctcheck/model"
)

// What may be done with a count that does not end, and what is refused. It is long as a table is.
func TestCounts(t *testing.T) {
	for _, row := range []struct {
		name string
		code func(r *model.Routine, word, other *model.Var)
		why  string // empty: it is fine
	}{
		{"it is added to, and a copy compared", func(r *model.Routine, word, _ *model.Var) {
			q, ok := r.LocalOf("q", word), r.Local("ok", model.Bool)
			r.AtomicAddReturn("add", q, word, model.Int(2))
			r.If(q.Has(model.Int(1)), func() { r.Pause("flag") })
			r.TryCmpxchg("try", ok, word, q, q.Or(model.Int(1)))
			r.AtomicAndnot("andnot", word, model.Int(1))
			r.Set(q, model.Int(0))
		}, ""},
		{"a copy is compared with what was read in the same step", func(r *model.Routine, word, _ *model.Var) {
			q, s := r.LocalOf("q", word), r.LocalOf("s", word)
			r.AtomicRead("read", q, word)
			r.Cmpxchg("cmpxchg", s, word, q, q.AndNot(model.Int(1)).Add(model.Int(1)))
			r.If(s.Eq(q), func() { r.Pause("same") })
		}, ""},
		{"a copy is compared with an older copy", func(r *model.Routine, word, _ *model.Var) {
			q, s := r.LocalOf("q", word), r.LocalOf("s", word)
			r.AtomicRead("read", q, word)
			r.AtomicRead("read again", s, word)
			r.Pause("wait")
			r.If(s.Eq(q), func() { r.Pause("same") })
		}, "is compared in a step that reads none"},
		{"a copy is compared with a number", func(r *model.Routine, word, _ *model.Var) {
			q := r.LocalOf("q", word)
			r.AtomicRead("read", q, word)
			r.If(q.Eq(model.Int(4)), func() { r.Pause("four") })
		}, "the count of word is used in"},
		{"a copy is ordered", func(r *model.Routine, word, _ *model.Var) {
			q := r.LocalOf("q", word)
			r.AtomicRead("read", q, word)
			r.If(q.Lt(model.Int(4)), func() { r.Pause("less") })
		}, "the count of word is used in"},
		{"bits of the count are looked at", func(r *model.Routine, word, _ *model.Var) {
			q := r.LocalOf("q", word)
			r.AtomicRead("read", q, word)
			r.If(q.Has(model.Int(2)), func() { r.Pause("odd") })
		}, "the count of word is used in"},
		{"a copy goes to a local that is not like it", func(r *model.Routine, word, _ *model.Var) {
			q := r.Local("q", model.Bits(4))
			r.AtomicRead("read", q, word)
		}, "q takes a copy of word"},
		{"a copy goes to other memory", func(r *model.Routine, word, other *model.Var) {
			q := r.LocalOf("q", word)
			r.AtomicRead("read", q, word)
			r.AtomicSet("set", other, q)
		}, "goes to other"},
		{"the count is overwritten", func(r *model.Routine, word, _ *model.Var) {
			r.AtomicSet("set", word, model.Int(0))
		}, "word is overwritten"},
		{"bits of the count are set", func(r *model.Routine, word, _ *model.Var) {
			r.AtomicOr("or", word, model.Int(4))
		}, "is changed otherwise"},
		{"it is compared with a number", func(r *model.Routine, word, _ *model.Var) {
			r.Cmpxchg("cmpxchg", nil, word, model.Int(2), model.Int(3))
		}, "no copy of it"},
		{"a copy is added", func(r *model.Routine, word, _ *model.Var) {
			q := r.LocalOf("q", word)
			r.AtomicRead("read", q, word)
			r.AtomicAdd("add", word, q)
		}, "the count of a copy goes into word"},
		{"what is no copy goes to what holds one", func(r *model.Routine, word, other *model.Var) {
			q, l := r.LocalOf("q", word), r.LocalOf("l", other)
			r.AtomicRead("read", l, other)
			r.Set(q, l)
		}, "q takes what is no copy"},
		{"whether it succeeded goes to what holds a copy", func(r *model.Routine, word, _ *model.Var) {
			q, ok := r.LocalOf("q", word), r.LocalOf("ok", word)
			r.AtomicRead("read", q, word)
			r.TryCmpxchg("try", ok, word, q, q)
		}, "ok takes what is no copy"},
	} {
		p := model.New("p")
		word := p.Shared("word", model.Bits(4).Mod(), model.Int(0))
		word.Endless = 14
		other := p.Shared("other", model.Bits(4), model.Int(0))
		p.CPU("CPU").Run(p.Routine("main", func(r *model.Routine) { row.code(r, word, other) }))
		low, err := ir.Lower(p)
		if err != nil {
			t.Fatalf("%s: %v", row.name, err)
		}
		vs, err := ir.Flow{Program: low}.Counts()
		switch {
		case row.why == "" && (err != nil || len(vs) != 1 || vs[0].Source != word):
			t.Errorf("%s: %v, %v", row.name, vs, err)
		case row.why != "" && !strings.Contains(fmt.Sprint(err), row.why):
			t.Errorf("%s: %v, want %q", row.name, err, row.why)
		}
	}
}
