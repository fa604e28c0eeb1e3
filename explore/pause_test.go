package explore

import (
	"context"
	"path/filepath"
	"testing"
)

// However often a checkpoint is asked for, every stretch expands a block, and a layer that is expanded
// ends; so the search does, and is the same.
func TestEveryPauseMakesProgress(t *testing.T) {
	m := compile(t, grid(3, 9))
	want := run(t, m, Options{Search: BreadthFirst})
	for workers := 1; workers <= 3; workers++ {
		e := newEngine(context.Background(), m, Options{Search: BreadthFirst, Workers: workers,
			Checkpoint: filepath.Join(t.TempDir(), "file")})
		e.layers = e.newBFS()
		b := e.layers
		b.saver = e.newSaver()
		if err := b.begin(); err != nil {
			t.Fatal(err)
		}
		for n := uint64(0); b.midway || b.waiting() > 0; n++ {
			if n > want.States {
				t.Fatalf("%d workers: no progress at depth %d, %d states waiting", workers, b.depth, b.waiting())
			}
			b.pausing.Store(true)
			if b.stretch(); b.saver.err != nil || !b.saver.written {
				t.Fatalf("%d workers: written %t, error %v", workers, b.saver.written, b.saver.err)
			}
			b.saver.written = false
		}
		if err := b.finish(); err != nil {
			t.Fatal(err)
		}
		if e.bound != NoBound || e.states != want.States || e.trans != want.Transitions || e.depth-1 != want.Depth {
			t.Errorf("%d workers: bound %q, %d states, %d transitions, %d layers; want %+v", workers, e.bound,
				e.states, e.trans, e.depth, want)
		}
		e.release()
	}
}
