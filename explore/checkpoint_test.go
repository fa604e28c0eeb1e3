package explore_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ctcheck/explore"
	"ctcheck/internal/plain"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/verdict"
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
func outcome(r *verdict.Result) string {
	var b strings.Builder
	fmt.Fprintln(&b, r.Verdict, r.Complete, r.Bound, r.States, r.Transitions, r.Depth, r.Claims)
	for _, red := range r.Search.Reduced {
		fmt.Fprintln(&b, red.Name, red.StandFor, red.Off)
	}
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

func search(ctx context.Context, t *testing.T, m *machine.Machine, o explore.Options) *verdict.Result {
	t.Helper()
	o.Search = explore.BreadthFirst
	return inOrder(ctx, t, m, o)
}

// inOrder searches in the order that the options say.
func inOrder(ctx context.Context, t *testing.T, m *machine.Machine, o explore.Options) *verdict.Result {
	t.Helper()
	r, err := explore.RunMachine(ctx, m, o)
	if err != nil {
		t.Fatalf("Run(%+v): %v", o, err)
	}
	if r.Search.CheckpointErr != nil {
		t.Fatalf("Run(%+v): the checkpoint: %v", o, r.Search.CheckpointErr)
	}
	return r
}

// randomMachine is a program of some hundred states; nil if the seed gives none.
func randomMachine(seed uint64) *machine.Machine {
	p, ms := plain.Random(seedBytes(seed))
	if r := plain.Explore(model.SC, p, ms, 5000); r.Truncated || r.Err != nil || r.States < 20 {
		return nil
	}
	m, err := machine.Compile(machine.Options{}, p, ms...)
	if err != nil {
		return nil
	}
	return m
}

// resumed is a search that is interrupted again and again, each time after longer, and resumed by
// another number of workers, until it is complete. The last stretch has no clock, as one that ends after
// the verdict shows in the traces.
func resumed(m *machine.Machine, o explore.Options) (*verdict.Result, error) {
	dir, err := os.MkdirTemp("", "resumed")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	o.Checkpoint = filepath.Join(dir, "file")
	for n := 3; ; n *= 4 {
		r, err := explore.RunMachine(endsAfter(n), m, o)
		if err != nil {
			return nil, err
		}
		if r.Search.Checkpoint == "" {
			return explore.RunMachine(context.Background(), m, o)
		}
		o.Resume, o.Workers = o.Checkpoint, 1+n%4
	}
}

// twinMachine is a program with interchangeable CPUs and, often, claims on whole runs; nil if the seed
// gives none of a handy size.
func twinMachine(seed uint64) *machine.Machine {
	p, ms := twins(seedBytes(seed))
	if r := plain.Explore(model.SC, p, ms, 2000); r.Truncated || r.Err != nil || r.States < 20 {
		return nil
	}
	m, err := machine.Compile(machine.Options{}, p, ms...)
	if err != nil {
		return nil
	}
	return m
}

// A cutter cuts a search again and again, by Ctrl-C or by a bound, and has it resumed each time by
// another number of workers.
type cutter struct {
	file                 string
	how                  string
	n                    int
	cuts, whole, dropped int // in all, with all states stored, with the reduction dropped
}

// bound is the options and the context of one stretch.
func (c *cutter) bound(o explore.Options, round int, full *verdict.Result) (context.Context, explore.Options) {
	o.Workers = 1 + (c.n+round)%3
	switch c.how {
	case "interrupt": // whole runs are looked for in one stretch, so these must become longer
		return endsAfter(c.n + 1<<(round/8)), o
	case "states":
		o.MaxStates = uint64(round * c.n * 67)
	case "memory": // from little to enough
		o.MaxBytes = full.Search.Bytes * uint64(round*round+c.n) / 4
	}
	return context.Background(), o
}

// run ends with a stretch without bounds, as one that strikes after the verdict shows in the traces.
func (c *cutter) run(t *testing.T, m *machine.Machine, o explore.Options, full *verdict.Result) *verdict.Result {
	t.Helper()
	o.Checkpoint = c.file
	dropped := false
	for round := 1; round < 1000; round++ {
		ctx, bounded := c.bound(o, round, full)
		r := search(ctx, t, m, bounded)
		if r.Search.Checkpoint == "" || r.Bound == verdict.AtFirst {
			return search(context.Background(), t, m, o)
		}
		c.cuts++
		if r.AllVisited {
			c.whole++
		}
		off := len(r.Search.Reduced) > 0 && r.Search.Reduced[0].Off != "" && len(m.Symmetry().Classes()) > 0
		if dropped && !off {
			t.Fatalf("%s %d: the reduction that was dropped is back", c.how, c.n)
		}
		if dropped = off; off {
			c.dropped++
		}
		if r.Verdict == verdict.Holds {
			t.Fatalf("%s %d: HOLDS, but cut", c.how, c.n)
		}
		o.Resume = c.file
	}
	t.Fatalf("%s %d: no end", c.how, c.n)
	return nil
}

// A search that is cut again and again and resumed ends as one that is left alone: also where it is
// reduced, where claims on whole runs are open when all states are stored, and where the reduction has
// been dropped for those.
func TestResumedSearchesEndAlike(t *testing.T) {
	step, least, most := 6, 6, 60
	if testing.Short() {
		step, least, most = 12, 2, 2
	}
	for _, kind := range []struct {
		name    string
		machine func(seed uint64) *machine.Machine
		reduce  explore.Reductions
	}{{"random", randomMachine, 0}, {"twins", twinMachine, 0}, {"reduced twins", twinMachine, explore.Symmetry}} {
		t.Run(kind.name, func(t *testing.T) {
			c := cutter{file: filepath.Join(t.TempDir(), "file")}
			twins := kind.name != "random"
			few := func() bool {
				return c.cuts < 100 || twins && c.whole < 10 || kind.reduce != 0 && c.dropped < 10
			}
			for seed, programs := uint64(5020), 0; programs < least || few() && programs < most; seed++ {
				m := kind.machine(seed)
				if m == nil {
					continue
				}
				programs++
				o := explore.Options{First: seed%4 == 3, Reduce: kind.reduce}
				full := search(context.Background(), t, m, o)
				for c.n = 1; c.n < 14; c.n += step {
					for _, c.how = range []string{"interrupt", "states", "memory"} {
						r := c.run(t, m, o, full)
						if got, want := outcome(r), outcome(full); got != want {
							t.Fatalf("seed %d, %s %d: resumed\n%swithout\n%s", seed, c.how, c.n, got, want)
						}
					}
				}
			}
			if few() && !testing.Short() {
				t.Errorf("%d cuts, %d with all states stored, %d with the reduction dropped: too few of one",
					c.cuts, c.whole, c.dropped)
			}
		})
	}
}

// Checkpoints on the way change nothing, and a search that goes on from the last of them ends alike.
func TestCheckpointsOnTheWay(t *testing.T) {
	last := uint64(5020)
	if testing.Short() {
		last = 5006
	}
	file := filepath.Join(t.TempDir(), "file")
	for seed := uint64(5000); seed < last; seed++ {
		m := randomMachine(seed)
		if m == nil {
			continue
		}
		want := outcome(search(context.Background(), t, m, explore.Options{}))
		os.Remove(file)
		for workers := 1; workers <= 3; workers++ {
			o := explore.Options{Workers: workers, Checkpoint: file, CheckpointEvery: time.Nanosecond}
			r := search(context.Background(), t, m, o)
			if got := outcome(r); got != want || r.Search.Checkpoint != "" {
				t.Fatalf("seed %d: %q, with checkpoints\n%swithout\n%s", seed, r.Search.Checkpoint, got, want)
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
	last := uint64(5030)
	if testing.Short() {
		last = 5006
	}
	file := filepath.Join(t.TempDir(), "file")
	for seed := uint64(5000); seed < last; seed++ {
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
		if _, err := explore.RunMachine(context.Background(), m, o); err == nil ||
			!strings.Contains(err.Error(), "more than --max-depth 1") {
			t.Errorf("seed %d: a smaller depth: %v", seed, err)
		}
	}
}

// cut is a checkpoint of a search that was cut by a bound, and the outcome of one that was not.
func cut(t *testing.T, m *machine.Machine, file string, settings ...explore.Setting) (want string) {
	t.Helper()
	o := explore.Options{Workers: 2, Checkpoint: file, MaxStates: 12, Settings: settings}
	if r := search(context.Background(), t, m, o); r.Search.Checkpoint != file {
		t.Fatal("no checkpoint")
	}
	return outcome(search(context.Background(), t, m, explore.Options{}))
}

// A file in which any byte is changed, or that is cut anywhere, is refused in one line.
func TestCorruptCheckpoints(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	var m *machine.Machine
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
		r, err := explore.RunMachine(context.Background(), m,
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
	// A right checksum over a header that promises more than there is.
	for _, states := range []string{"13", "1000000000", "18446744073709551615"} {
		body := bytes.Replace(whole[:len(whole)-sha256.Size], []byte(`"States":12`), []byte(`"States":`+states), 1)
		at := len("ctcheck checkpoint\n") + 1
		n := binary.LittleEndian.Uint64(body[at:]) + uint64(len(states)-2)
		binary.LittleEndian.PutUint64(body[at:], n)
		sum := sha256.Sum256(body)
		try(states+" states", append(body, sum[:]...), true)
	}
}

// A checkpoint is of one search: what differs is named.
func TestCheckpointsOfOtherSearches(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	var ms []*machine.Machine
	for seed := uint64(5000); len(ms) < 2; seed++ {
		if m := randomMachine(seed); m != nil {
			ms = append(ms, m)
		}
	}
	mine := []explore.Setting{{Name: "setters", Value: "2"}, {Name: "nmi", Value: "1"}}
	cut(t, ms[0], file, mine...)
	rows := []struct {
		m    *machine.Machine
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
		{ms[0], explore.Options{Settings: mine, MaxBytes: 100}, "more memory", "too little memory"},
		{ms[0], explore.Options{Settings: mine, Checkpoint: "/nowhere/file"}, "there is no folder", "no folder"},
		{ms[0], explore.Options{Settings: mine, Checkpoint: "checkpoint_test.go"}, "is no checkpoint",
			"somebody's file"},
		{ms[0], explore.Options{Settings: mine, Store: explore.Bitstate}, "exact store", "a lossy store"},
		{ms[0], explore.Options{Settings: mine, Reduce: explore.Symmetry}, "reduce was none and is symmetry",
			"a reduction"},
		{ms[0], explore.Options{Settings: mine, Resume: os.DevNull}, "not a checkpoint", "a device to read"},
		{ms[0], explore.Options{Settings: mine, Checkpoint: os.DevNull}, "is no file", "a device to write"},
	}
	for _, row := range rows {
		if row.o.Resume == "" {
			row.o.Resume = file
		}
		row.o.Search = explore.BreadthFirst
		_, err := explore.RunMachine(context.Background(), row.m, row.o)
		if err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %q", row.why, err, row.want)
		}
	}
}

// What does not go together is refused before anything is searched or written.
func TestRefusedOptions(t *testing.T) {
	m := randomMachine(5001)
	for seed := uint64(5002); m == nil; seed++ {
		m = randomMachine(seed)
	}
	file := filepath.Join(t.TempDir(), "file")
	for _, row := range []struct {
		o    explore.Options
		want string
	}{
		{explore.Options{Resume: file}, "are of breadth-first searches"},
		{explore.Options{Checkpoint: file}, "are of breadth-first searches"},
		{explore.Options{Store: explore.Hash128, MaxDepth: 9}, "no bound on depth"},
		{explore.Options{Store: explore.Bitstate, Search: bfs, Workers: 2}, "has one worker"},
		{explore.Options{Store: explore.Bitstate, Search: bfs, Checkpoint: file}, "with the exact store"},
	} {
		_, err := explore.RunMachine(context.Background(), m, row.o)
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%+v: error %v, want %q", row.o, err, row.want)
		}
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a checkpoint was written")
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
	r, err := explore.RunMachine(ctx, m, explore.Options{Search: explore.BreadthFirst,
		Checkpoint: filepath.Join(dir, "file")})
	if err != nil || r.Search.CheckpointErr == nil || r.Search.Checkpoint != "" || r.Bound != verdict.AtInterrupt {
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
