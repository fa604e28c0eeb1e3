package explore

import (
	"fmt"
	"testing"

	"ctcheck/model"
	"ctcheck/verdict"
)

// crowd is CPUs that meet in nearly all places: all but one write the same variable again and again.
func crowd() *model.Program {
	p := model.New("crowd")
	v := p.Shared("v", model.Bool, no)
	for i := range 4 {
		name := fmt.Sprint("CPU", i)
		p.CPU(name).Run(p.Routine(name, func(r *model.Routine) {
			for range 12 {
				if i == 0 {
					r.Pause("pause")
				} else {
					r.WriteOnce("v = 1", v, yes)
				}
			}
		}))
	}
	return p
}

// What the choosers of a search remember counts against the bound on memory: they ask before they remember more,
// are told no where it does not fit, and choose the same then.
func TestChoosersAreBooked(t *testing.T) {
	m := compile(t, crowd(), never("all end", no))
	o := Options{Search: BreadthFirst, Reduce: PartialOrder}
	start, most := uint64(0), uint64(0)
	var want *verdict.Result
	for _, limit := range []uint64{0, leastBytes(t, m, o)} {
		for workers := 1; workers <= 3; workers++ {
			o.Workers, o.MaxBytes = workers, limit*uint64(workers)
			s := searchOf(m, o)
			if s.reduce.persistent == nil {
				t.Fatal("nothing is left out")
			}
			start = uint64(workers) * s.reduce.persistent.NewChooser().Bytes()
			if err := s.run(); err != nil {
				t.Fatal(err)
			}
			held := uint64(0)
			for _, w := range s.parallel.workers {
				held += w.por.chooser.Bytes()
			}
			b := &s.parallel.budget
			if booked := uint64(b.chosen.Load()); booked != held || held < start || b.besides() < held {
				t.Errorf("%d workers, limit %d: %d bytes booked of %d, %d at the start", workers, limit, booked,
					held, start)
			}
			if limit == 0 {
				most = max(most, held/start)
			}
			b.limit = uint64(b.held.Load()) + b.besides() + 100
			if ask := s.parallel.workers[0].por.chooser.Room; ask(101) || !ask(100) || ask(1) {
				t.Errorf("%d workers: more than fits, or less", workers)
			}
			got := s.result()
			if want == nil {
				want = got
			}
			if got.Complete && (got.States != want.States || got.Transitions != want.Transitions) {
				t.Errorf("%d workers, limit %d: %d states, %d transitions; want %d, %d", workers, limit, got.States,
					got.Transitions, want.States, want.Transitions)
			}
			s.release()
		}
	}
	if most < 2 {
		t.Error("no chooser remembered more than at the start")
	}
}

// A chooser that may not remember more does not.
func TestChooserAsksForRoom(t *testing.T) {
	m := compile(t, crowd(), never("all end", no))
	for _, search := range []Order{DepthFirst, BreadthFirst} {
		o := Options{Search: search, Reduce: PartialOrder}
		asked := 0
		s := searchOf(m, o)
		c := s.reduce.persistent.NewChooser()
		start := c.Bytes()
		c.Room = func(more int64) bool { asked++; return false }
		if err := s.run(); err != nil {
			t.Fatal(err)
		}
		for i := range s.set.Len() {
			state := s.set.At(uint32(i))
			got, _ := c.Choose(state)
			if all, _ := s.reduce.persistent.NewChooser().Choose(state); got != all {
				t.Fatalf("state %d: CPUs %b go first, want %b", i, got, all)
			}
		}
		if search == DepthFirst && (asked == 0 || c.Bytes() < start) {
			t.Errorf("asked %d times", asked)
		}
		s.release()
	}
}
