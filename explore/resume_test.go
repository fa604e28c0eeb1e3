package explore

import (
	"path/filepath"
	"testing"
)

// However often a checkpoint is asked for, every stretch expands a block, and a layer that is expanded
// ends; so the search does, and is the same.
func TestEveryPauseMakesProgress(t *testing.T) {
	m := compile(t, grid(3, 9))
	want := run(t, m, Options{Search: BreadthFirst})
	for workers := 1; workers <= 3; workers++ {
		s := searchOf(m, Options{Search: BreadthFirst, Workers: workers,
			Checkpoint: filepath.Join(t.TempDir(), "file")})
		s.parallel = s.newLayered(goal{})
		b := s.parallel
		b.saver = newSaver(s.in.o)
		if err := b.begin(); err != nil {
			t.Fatal(err)
		}
		for n := uint64(0); b.midway || b.waiting() > 0; n++ {
			if n > want.States {
				t.Fatalf("%d workers: no progress at depth %d, %d states waiting", workers, b.counts.depth,
					b.waiting())
			}
			b.brake.pausing.Store(true)
			if b.stretch(); b.saver.err != nil || !b.saver.written {
				t.Fatalf("%d workers: written %t, error %v", workers, b.saver.written, b.saver.err)
			}
			b.saver.written = false
		}
		if err := b.finish(); err != nil {
			t.Fatal(err)
		}
		if c := s.counts; s.bounds.stopped() || c.states != want.States || c.transitions != want.Transitions ||
			c.depth-1 != want.Depth {
			t.Errorf("%d workers: bound %q, %+v; want %+v", workers, s.bounds.met, c, want)
		}
		s.release()
	}
}

// A checkpoint knows nothing of the form in which the table keeps its states: one of packed tables is
// resumed in others, with the distances that traces are found by.
func TestPackedTablesAreResumed(t *testing.T) {
	p := grid(4, 12) // 28561 states of 16 bits
	m := compile(t, p, never("two end", p.CPUs[0].Done().And(p.CPUs[3].Done())))
	want := run(t, m, Options{Search: BreadthFirst})
	file := filepath.Join(t.TempDir(), "file")
	for _, workers := range [][2]int{{1, 1}, {1, 3}, {3, 1}} {
		r := run(t, m, Options{Search: BreadthFirst, Workers: workers[0], Checkpoint: file, MaxStates: 15_000})
		if r.Search.Checkpoint == "" || r.States != 15_000 {
			t.Fatalf("%d states, checkpoint %q", r.States, r.Search.Checkpoint)
		}
		s := searchOf(m, Options{Search: BreadthFirst, Workers: workers[1], Resume: file})
		if err := s.run(); err != nil {
			t.Fatal(err)
		}
		for _, w := range s.parallel.workers {
			if !w.table.Packed() {
				t.Errorf("workers %v: the table is not packed", workers)
			}
		}
		got := s.result()
		if err := s.traces(got); err != nil {
			t.Fatal(err)
		}
		s.release()
		if got.States != want.States || got.Transitions != want.Transitions || got.Depth != want.Depth ||
			!got.Properties[0].Trace.SameRun(want.Properties[0].Trace) {
			t.Errorf("workers %v: %d states, %d transitions, depth %d; want %d, %d, %d", workers, got.States,
				got.Transitions, got.Depth, want.States, want.Transitions, want.Depth)
		}
	}
}
