package explore

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctcheck/model"
	"ctcheck/states"
	"ctcheck/verdict"
)

// What a checkpoint says of its layers is believed up to the last state, and not beyond.
func TestHeadersInLayers(t *testing.T) {
	for _, row := range []struct {
		h    header
		want bool
		why  string
	}{
		{header{Depth: 3, States: 4, Queues: [3]uint64{1, 0, 0}}, true, "one in each layer, the last one waits"},
		{header{Depth: 3, States: 4, Queues: [3]uint64{2, 0, 0}}, false, "then one of the layers before has none"},
		{header{Depth: 5, States: 4}, false, "more layers than states"},
		{header{Depth: 4, States: 4}, true, "four layers, and none waits"},
		{header{Depth: -1, States: 4}, false, "no layer"},
		{header{}, false, "no state"},
		{header{Depth: 1, States: 4, Queues: [3]uint64{1, 1, 0}}, false, "the next layer waits between two layers"},
		{header{Depth: 1, States: 4, Queues: [3]uint64{1, 0, 1}}, false, "some are left over between two layers"},
		{header{Depth: 0, States: 3, Midway: true, Queues: [3]uint64{1, 2, 0}}, true, "all wait"},
		{header{Depth: 0, States: 3, Midway: true, Queues: [3]uint64{2, 2, 0}}, false, "more wait than there are"},
		{header{Depth: 2, States: 5, Midway: true, Queues: [3]uint64{1, 2, 0}}, true, "two were expanded"},
		{header{Depth: 2, States: 5, Midway: true, Queues: [3]uint64{2, 2, 0}}, false, "one was"},
	} {
		if got := row.h.inLayers(); got != row.want {
			t.Errorf("%+v: %t, want %t: %s", row.h, got, row.want, row.why)
		}
	}
}

// A file is as long as its states and queues are.
func TestHeadersFillTheirFile(t *testing.T) {
	h := header{Words: 2, States: 3, Queues: [3]uint64{1, 2, 3}}
	const want = 3*17 + 6*16
	for _, row := range []struct {
		left uint64
		want bool
	}{{want, true}, {want - 1, false}, {want + 1, false}, {0, false}} {
		if h.fills(row.left) != row.want {
			t.Errorf("%d bytes: %t", row.left, !row.want)
		}
	}
	if h.States = 1 << 62; h.fills(want) {
		t.Error("more states than bytes")
	}
}

// One worker is what a search has that can have no more.
func TestOneWorkerIsEnough(t *testing.T) {
	for _, o := range []Options{{Store: Hash128, Search: BreadthFirst}, {Coverage: true}} {
		for workers := range 3 {
			o.Workers = workers
			if err := o.check(); (err == nil) != (workers < 2) {
				t.Errorf("%d workers: %v", workers, err)
			}
		}
	}
}

// A checkpoint goes on within a depth that its states are within, and with First it says at once what it found.
func TestResumeAtTheDepth(t *testing.T) {
	p := grid(2, 9)
	x := p.Shared("x", model.UpTo(9), model.Int(0))
	p.CPU("adds").Run(p.Routine("adds", func(r *model.Routine) {
		for range 9 {
			r.AtomicAdd("x++", x, model.Int(1))
		}
	}))
	file := filepath.Join(t.TempDir(), "cut")
	o := Options{Search: BreadthFirst, MaxStates: 100, Checkpoint: file}
	m := compile(t, p, never("sum", x.Eq(model.Int(2))))
	if _, err := RunMachine(t.Context(), m, o); err != nil {
		t.Fatal(err)
	}
	f, err := openCheckpoint(file)
	if err != nil {
		t.Fatal(err)
	}
	h, err := verify(f)
	f.Close()
	if err != nil {
		t.Fatal(err)
	}
	far := h.farthest()
	for _, row := range []struct {
		depth int
		want  string
	}{{far, ""}, {far + 1, ""}, {far - 1, "more than --max-depth"}} {
		_, err := RunMachine(t.Context(), m, Options{Search: BreadthFirst, Resume: file, MaxDepth: row.depth})
		if (err != nil) != (row.want != "") || err != nil && !strings.Contains(err.Error(), row.want) {
			t.Errorf("states at %d, depth %d: error %v, want %q", far, row.depth, err, row.want)
		}
	}
	r, err := RunMachine(t.Context(), m, Options{Search: BreadthFirst, Resume: file, First: true})
	if err != nil {
		t.Fatal(err)
	}
	if h.Failed != 0 && (r.Bound != verdict.AtFirst || r.States > 2*h.States) {
		t.Errorf("%s after %d states, want that what the %d before violate is told", r.Bound, r.States, h.States)
	}
	if h.Failed == 0 {
		t.Error("the checkpoint has no violation")
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}

// What a header says is shown to people: one line of no great length each.
func TestHeadersArePrintable(t *testing.T) {
	long := strings.Repeat("x", 1<<12)
	for text, want := range map[string]bool{"": true, "valentin": true, "zwölf": true, long[1:]: true, long: false,
		"\nx": false, "x\n": false, "\x1b[2J": false} {
		for _, s := range []Setting{{text, "value"}, {"name", text}} {
			if h := (header{Settings: []Setting{{"a", "b"}, s}}); h.printable() != want {
				t.Errorf("%.20q: printable: %t, want %t", s, !want, want)
			}
		}
	}
}

// Where there is memory for one state of a layer, that is the smallest one, whatever order they are met in.
func TestTheSmallestStateIsKept(t *testing.T) {
	for _, order := range [][]uint64{{1, 2, 3}, {3, 2, 1}, {2, 1, 3}, {2, 3, 1}} {
		thin, all := &backward{thin: true}, &stage{set: states.NewSet(1)}
		one := &stage{set: states.NewSet(1)}
		for _, w := range order {
			thin.keep(one, []uint64{w}, []uint16{uint16(10 * w), 7})
			all.set.Add([]uint64{w})
			all.cost = append(all.cost, uint16(10*w), 7)
		}
		if one.set.Len() != 1 || one.set.At(0)[0] != 1 || len(one.cost) != 2 || one.cost[0] != 10 {
			t.Errorf("of %v %d are kept, with the costs %v", order, one.set.Len(), one.cost)
		}
		if s, cost := all.smallest([]uint64{9}, []uint16{90, 7}); s[0] != 1 || cost[0] != 10 || len(cost) != 2 {
			t.Errorf("the smallest of %v is %v, with the costs %v", order, s, cost)
		}
	}
}
