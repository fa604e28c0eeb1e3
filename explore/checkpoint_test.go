package explore_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ctcheck/explore"
	"ctcheck/internal/plain"
	"ctcheck/model"
)

// This file holds searches that were interrupted and resumed against those that were not.

// A clock is a context that ends when it has been asked so many times.
type clock struct {
	context.Context
	left atomic.Int64
}

func (c *clock) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func endsAfter(n int) context.Context {
	c := &clock{Context: context.Background()}
	c.left.Store(int64(n))
	return c
}

// outcome is all that a search says but for its time and memory, in words.
func outcome(r *explore.Result) string {
	var b strings.Builder
	fmt.Fprintln(&b, r.Verdict, r.Complete, r.Bound, r.States, r.Transitions, r.Depth, r.Claims)
	for _, p := range r.Properties {
		fmt.Fprint(&b, p.Name, p.Violated)
		if p.Trace != nil {
			fmt.Fprint(&b, p.Trace.Shortest, p.Trace.Fewest, p.Trace.Loop)
			for _, s := range p.Trace.Steps {
				fmt.Fprint(&b, " ", s.Transition)
			}
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}

func search(ctx context.Context, t *testing.T, m *model.Machine, o explore.Options) *explore.Result {
	t.Helper()
	o.Search = explore.BreadthFirst
	r, err := explore.Run(ctx, m, o)
	if err != nil {
		t.Fatalf("Run(%+v): %v", o, err)
	}
	if r.CheckpointErr != nil {
		t.Fatalf("Run(%+v): the checkpoint: %v", o, r.CheckpointErr)
	}
	return r
}

// randomMachine is a program of some hundred states; nil if the seed gives none.
func randomMachine(seed uint64) *model.Machine {
	p, ms := plain.Random(seedBytes(seed))
	if r := plain.Explore(p, ms, 5000); r.Truncated || r.Err != nil || r.States < 20 {
		return nil
	}
	m, err := model.Compile(p, ms...)
	if err != nil {
		return nil
	}
	return m
}

// A search that is cut again and again, by Ctrl-C, by a bound on states or for a checkpoint only, and
// resumed each time by another number of workers, ends as one that is left alone.
func TestResumedSearchesEndAlike(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	cuts, programs := 0, 0
	for seed := uint64(5000); programs < 16; seed++ {
		m := randomMachine(seed)
		if m == nil {
			continue
		}
		programs++
		first := seed%4 == 3
		want := outcome(search(context.Background(), t, m, explore.Options{First: first}))
		for n := 1; n < 14; n += 6 {
			for _, how := range []string{"interrupt", "states"} {
				o := explore.Options{First: first, Checkpoint: file, Workers: 1 + n%3}
				var r *explore.Result
				for round := 1; ; round++ {
					if round > 500 {
						t.Fatalf("seed %d, %s %d: no end", seed, how, n)
					}
					ctx := context.Background()
					if how == "interrupt" {
						ctx = endsAfter(n)
					} else {
						o.MaxStates = uint64(round * n * 67)
					}
					if r = search(ctx, t, m, o); r.Checkpoint == "" || r.Bound == explore.AtFirst {
						break
					}
					cuts++
					if r.Verdict == explore.Holds {
						t.Fatalf("seed %d, %s %d: HOLDS, but cut", seed, how, n)
					}
					o.Resume, o.Workers = file, 1+(n+round)%3
				}
				if got := outcome(r); got != want {
					t.Fatalf("seed %d, %s %d: resumed\n%swithout\n%s", seed, how, n, got, want)
				}
			}
		}
	}
	if cuts < 100 {
		t.Errorf("%d cuts only", cuts)
	}
}

// Checkpoints on the way change nothing, and a search that goes on from the last of them ends alike.
func TestCheckpointsOnTheWay(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	for seed := uint64(5000); seed < 5040; seed++ {
		m := randomMachine(seed)
		if m == nil {
			continue
		}
		want := outcome(search(context.Background(), t, m, explore.Options{}))
		os.Remove(file)
		for workers := 1; workers <= 3; workers++ {
			o := explore.Options{Workers: workers, Checkpoint: file, CheckpointEvery: time.Nanosecond}
			r := search(context.Background(), t, m, o)
			if got := outcome(r); got != want || r.Checkpoint != "" {
				t.Fatalf("seed %d: %q, with checkpoints\n%swithout\n%s", seed, r.Checkpoint, got, want)
			}
			if _, err := os.Stat(file); err != nil {
				continue
			}
			r = search(context.Background(), t, m, explore.Options{Workers: 4 - workers, Resume: file})
			if got := outcome(r); got != want {
				t.Fatalf("seed %d: from the last checkpoint\n%swithout\n%s", seed, got, want)
			}
		}
	}
}

// A search within a depth bound is resumed with a larger one, and ends as one that had it at once.
func TestResumeWithALargerDepth(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	for seed := uint64(5000); seed < 5030; seed++ {
		m := randomMachine(seed)
		if m == nil {
			continue
		}
		o := explore.Options{Checkpoint: file, Workers: 1 + int(seed%3)}
		for depth := 2; depth < 40; depth += 3 {
			o.MaxDepth = depth
			r := search(context.Background(), t, m, o)
			want := outcome(search(context.Background(), t, m, explore.Options{MaxDepth: depth}))
			if got := outcome(r); got != want {
				t.Fatalf("seed %d, depth %d: resumed\n%sat once\n%s", seed, depth, got, want)
			}
			if r.Complete {
				break
			}
			o.Resume = file
		}
		o.MaxDepth, o.Search = 1, explore.BreadthFirst
		if o.Resume == "" {
			continue
		}
		if _, err := explore.Run(context.Background(), m, o); err == nil ||
			!strings.Contains(err.Error(), "more than --max-depth 1") {
			t.Errorf("seed %d: a smaller depth: %v", seed, err)
		}
	}
}

// cut is a checkpoint of a search that was cut by a bound, and the outcome of one that was not.
func cut(t *testing.T, m *model.Machine, file string, settings ...explore.Setting) (want string) {
	t.Helper()
	o := explore.Options{Workers: 2, Checkpoint: file, MaxStates: 12, Settings: settings}
	if r := search(context.Background(), t, m, o); r.Checkpoint != file {
		t.Fatal("no checkpoint")
	}
	return outcome(search(context.Background(), t, m, explore.Options{}))
}

// A file in which any byte is changed, or that is cut anywhere, is refused in one line.
func TestCorruptCheckpoints(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	var m *model.Machine
	for seed := uint64(5000); m == nil; seed++ {
		m = randomMachine(seed)
	}
	want := cut(t, m, file)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	try := func(what string, data []byte, refused bool) {
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := explore.Run(context.Background(), m,
			explore.Options{Search: explore.BreadthFirst, Resume: file})
		switch {
		case refused && (err == nil || strings.Contains(err.Error(), "\n")):
			t.Errorf("%s: error %v", what, err)
		case !refused && (err != nil || outcome(r) != want):
			t.Errorf("%s: error %v, or another outcome", what, err)
		}
	}
	try("whole", whole, false)
	for i := range whole {
		data := bytes.Clone(whole)
		data[i] ^= 1 << (i % 8)
		try(fmt.Sprint("byte ", i), data, true)
		try(fmt.Sprint("cut at ", i), whole[:i], true)
	}
	try("one byte more", append(whole, 0), true)
}

// A checkpoint is of one search: what differs is named.
func TestCheckpointsOfOtherSearches(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	var ms []*model.Machine
	for seed := uint64(5000); len(ms) < 2; seed++ {
		if m := randomMachine(seed); m != nil {
			ms = append(ms, m)
		}
	}
	mine := []explore.Setting{{Name: "setters", Value: "2"}, {Name: "nmi", Value: "1"}}
	cut(t, ms[0], file, mine...)
	rows := []struct {
		m    *model.Machine
		o    explore.Options
		want string
		why  string
	}{
		{ms[0], explore.Options{Settings: []explore.Setting{{Name: "setters", Value: "3"}, mine[1]}},
			"setters was 2 and is 3", "another value"},
		{ms[0], explore.Options{Settings: mine[:1]}, "nmi was 1 and is nothing", "one less"},
		{ms[0], explore.Options{Settings: append(mine, explore.Setting{Name: "x", Value: "y"})},
			"x was nothing and is y", "one more"},
		{ms[1], explore.Options{Settings: mine}, "another program", "the program itself"},
		{ms[0], explore.Options{Settings: mine, Resume: file + "x"}, "no such file", "no file"},
		{ms[0], explore.Options{Settings: mine, Resume: filepath.Dir(file)}, "not a checkpoint", "a folder"},
		{ms[0], explore.Options{Settings: mine, MaxMemory: 100}, "more memory", "too little memory"},
		{ms[0], explore.Options{Settings: mine, Checkpoint: "/nowhere/file"}, "no such file", "no folder"},
		{ms[0], explore.Options{Settings: mine, Checkpoint: "checkpoint_test.go"}, "is no checkpoint",
			"somebody's file"},
		{ms[0], explore.Options{Settings: mine, Store: explore.Bitstate}, "exact store", "a lossy store"},
	}
	for _, row := range rows {
		if row.o.Resume == "" {
			row.o.Resume = file
		}
		row.o.Search = explore.BreadthFirst
		_, err := explore.Run(context.Background(), row.m, row.o)
		if err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %q", row.why, err, row.want)
		}
	}
	if _, err := explore.Run(context.Background(), ms[0], explore.Options{Resume: file}); err == nil {
		t.Error("a depth-first search was resumed")
	}
}

// Where the file cannot be written any more, the search says what it found and why there is no file.
func TestCheckpointThatCannotBeWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	m := randomMachine(5001)
	for seed := uint64(5002); m == nil; seed++ {
		m = randomMachine(seed)
	}
	ctx := &removing{clock{Context: context.Background()}, dir}
	ctx.left.Store(2)
	r, err := explore.Run(ctx, m, explore.Options{Search: explore.BreadthFirst,
		Checkpoint: filepath.Join(dir, "file")})
	if err != nil || r.CheckpointErr == nil || r.Checkpoint != "" || r.Bound != explore.AtInterrupt {
		t.Errorf("%+v, error %v", r, err)
	}
}

// A removing context removes a folder when it ends.
type removing struct {
	clock
	dir string
}

func (c *removing) Err() error {
	err := c.clock.Err()
	if err != nil {
		os.Remove(c.dir)
	}
	return err
}
