package explore_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ctcheck/explore"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/verdict"
)

// This file holds searches that were interrupted while fair runs were looked for against those that were not.

// cutInFairRuns interrupts a search in its last phases, one after the other, and has it resumed by another number
// of workers. The states are never searched again, and in the end all is as if nothing had happened.
func cutInFairRuns(t *testing.T, m *machine.Machine, what, want string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	o := explore.Options{Search: bfs, Checkpoint: file}
	cuts := 0
	for k := 1; ; k++ {
		ctx, cancel := context.WithCancel(context.Background())
		last, whole := 0, false
		o.Workers = 1 + k%3
		o.Progress = explore.Watch(func(phase string, transitions uint64) {
			if whole = whole || phase == "numbering states"; whole {
				if last++; last == k {
					cancel()
				}
			}
			if phase == "numbering states" && o.Resume != "" && transitions != 0 {
				t.Errorf("%s: %d transitions were taken again", what, transitions)
			}
		})
		r, err := explore.RunMachine(ctx, m, o)
		cancel()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if r.Complete {
			if got := outcome(r); last < k && got != want {
				t.Fatalf("%s: after %d cuts\n%swithout\n%s", what, cuts, got, want)
			}
			if last < k {
				break
			}
			continue // over before it was seen
		}
		if r.Verdict == verdict.Holds || r.Search.Checkpoint == "" {
			t.Fatalf("%s: %s, but cut; checkpoint %q", what, r.Verdict, r.Search.Checkpoint)
		}
		cuts++
		o.Resume = file
	}
	if cuts == 0 {
		t.Errorf("%s: never cut", what)
	}
}

// A checkpoint that is due while fair runs are looked for is written there and then, with all states, so that a
// process that is killed has not searched for nothing. One is enough.
func TestCheckpointWhileFairRunsAreSearched(t *testing.T) {
	p := counters()
	v := p.Vars[0]
	m, err := machine.Compile(machine.Options{}, p, props.InfinitelyOften("good", v.Eq(model.Int(7))),
		props.Eventually("bad", v.Eq(p.Vars[1]).And(v.Ne(v))))
	if err != nil {
		t.Fatal(err)
	}
	want := outcome(search(context.Background(), t, m, explore.Options{}))
	for n, due := range []string{"numbering states", "fair runs", "fair runs"} {
		workers := n + 1
		file := filepath.Join(t.TempDir(), "file")
		var early []byte
		phases := []string{}
		whole, saves := false, 0
		o := explore.Options{Workers: workers, Checkpoint: file, CheckpointEvery: 100 * time.Millisecond}
		o.Progress = explore.Watch(func(phase string, _ uint64) {
			if phases = append(phases, phase); phase == due && saves == 0 {
				time.Sleep(2 * o.CheckpointEvery)
			}
			whole = whole || phase == "numbering states"
			switch n := len(phases); {
			case whole && phase == "checkpoint":
				saves++
			case phase == "numbering states in order" && saves == 0:
				t.Errorf("%d workers: no checkpoint yet in %s", workers, strings.Join(phases, "; "))
			case whole && early == nil && phases[n-2] == "checkpoint":
				early, _ = os.ReadFile(file)
			}
		})
		if got := outcome(search(context.Background(), t, m, o)); got != want {
			t.Fatalf("%d workers: with checkpoints\n%swithout\n%s", workers, got, want)
		}
		if saves != 1 || early == nil {
			t.Fatalf("%d workers: %d checkpoints in %s", workers, saves, strings.Join(phases, "; "))
		}
		if err := os.WriteFile(file, early, 0o600); err != nil {
			t.Fatal(err)
		}
		cutInFairRunsFrom(t, m, file, want)
	}
}

// cutInFairRunsFrom resumes a search that only has fair runs left to look for.
func cutInFairRunsFrom(t *testing.T, m *machine.Machine, file, want string) {
	t.Helper()
	taken := uint64(1)
	r := search(context.Background(), t, m, explore.Options{Workers: 2, Resume: file,
		Progress: explore.Watch(func(phase string, transitions uint64) {
			if phase == "numbering states" {
				taken = transitions
			}
		})})
	if got := outcome(r); got != want || taken != 0 {
		t.Errorf("resumed, %d transitions\n%swithout\n%s", taken, got, want)
	}
}
