package cttest_test

import (
	"testing"

	"ctcheck/cttest"
	"ctcheck/model"
	"ctcheck/props"
)

// seqcountInNMI is a sequence counter (Documentation/locking/seqlock.rst) whose writer is the NMI handler of CPU0.
// Its readers are a task on that CPU, which the writer interrupts, and one on another. With hasty the readers do
// not wait until the counter is even (raw_read_seqcount() in place of read_seqcount_begin()).
func seqcountInNMI(hasty bool) (*model.Program, *model.Monitor) {
	p := model.New("seqcount-nmi")
	seq := p.Shared("seq", model.UpTo(4), model.Int(0))
	data := p.Array("data", 2, model.UpTo(2), model.Int(0))
	torn := p.Ghost("a torn read", model.Bool, model.False)

	handler := p.Routine("nmi_handler", func(r *model.Routine) {
		s, i := r.LocalOf("s", seq), r.Local("i", model.UpTo(2))
		r.ReadOnce("s = seq", s, seq)
		r.WriteOnce("WRITE_ONCE(seq, s + 1)", seq, s.Add(model.Int(1)))
		r.SmpWmb()
		r.While(i.Lt(model.Int(2)), func() {
			r.AtomicAdd("data[i]++", data.At(i), model.Int(1))
			r.Set(i, i.Add(model.Int(1)))
		})
		r.SmpWmb()
		r.WriteOnce("WRITE_ONCE(seq, s + 2)", seq, s.Add(model.Int(2)))
	})
	reader := p.Routine("reader", func(r *model.Routine) {
		s, again := r.LocalOf("s", seq), r.LocalOf("again", seq)
		a, b := r.Local("a", model.UpTo(2)), r.Local("b", model.UpTo(2))
		r.DoWhile(func() {
			if hasty {
				r.ReadOnce("s = READ_ONCE(seq)", s, seq)
			} else {
				r.CondLoadAcquire("while ((s = READ_ONCE(seq)) & 1)", s, seq, s.Lacks(model.Int(1)))
			}
			r.SmpRmb()
			r.ReadOnce("a = READ_ONCE(data[0])", a, data.At(model.Int(0)))
			r.ReadOnce("b = READ_ONCE(data[1])", b, data.At(model.Int(1)))
			r.SmpRmb()
			r.ReadOnce("again = READ_ONCE(seq)", again, seq)
		}, again.Ne(s))
		r.If(a.Ne(b), func() { r.Set(torn, model.True) })
	})
	cpu0 := p.CPU("CPU0")
	cpu0.Run(reader)
	cpu0.OnNMI(handler, 2, 1)
	p.CPU("CPU1").Run(reader)
	p.ReachedState("both halves are written", data.Vars[1].Eq(model.Int(2)))
	return p, props.Always("no torn read", torn.IsZero())
}

func TestSeqcountWrittenInNMI(t *testing.T) {
	for _, mm := range model.MemoryModels() {
		p, whole := seqcountInNMI(false)
		cttest.Under(mm).Holds(t, p, whole)
		p, whole = seqcountInNMI(true)
		cttest.Under(mm).Violates(t, p, "no torn read", whole)
	}
}
