package command

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/verdict"
)

// walkFor is how long random walks are taken where nobody says so.
const walkFor = 10 * time.Second

// longestWalk is how many steps a walk has at most where nobody says so: more than the largest published
// configuration has that ends.
const longestWalk = 1000

func newSimulate(own Own, status *int) *cobra.Command {
	c := call{own: own, config: models.DefaultConfig(), search: "bfs", workers: 1, reduce: "none",
		storage: storage{store: "exact", every: time.Minute}}
	walks, seed := uint64(0), uint64(1)
	cmd := &cobra.Command{
		Use:   "simulate -model NAME [flags]",
		Short: "Take random walks through a configuration that no search finishes",
		Long: "simulate takes random walks from the initial state, and judges what they meet as a search\n" +
			"does. It never says HOLDS: what no walk met is not known, and claims on whole runs are not\n" +
			"looked at. The report says what was covered. A run to a violation is shortened and replayed\n" +
			"before it is drawn.\n" +
			"The exit status is 1 if something is violated, else 3. The same seed and number of walks are the\n" +
			"same walks.",
		Example: "  ctcheck simulate -model valentin-v7 --setters 8 --rounds 64 --timeout 1s\n" +
			"  ctcheck simulate -model peterz --walks 1000 --seed 7",
		Args: noWords("a model is named with -model"),
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		f := cmd.Flags()
		switch {
		case f.Changed("walks") && walks == 0:
			return fmt.Errorf("--walks is 0; it must be at least 1")
		case f.Changed("walks") && !f.Changed("timeout"):
			c.timeout = 0
		}
		c.engine = func(ctx context.Context, s *subject, mm model.MemoryModel, o explore.Options) (*verdict.Result,
			error) {
			return explore.Simulate(ctx, s.program, s.monitors, explore.WalkOptions{Memory: mm, Seed: seed,
				Walks: walks, MaxSteps: o.MaxDepth, First: o.First, MaxBytes: o.MaxBytes, Progress: o.Progress})
		}
		v, err := c.run(cmd)
		*status = exitStatus(v)
		return err
	}
	f := cmd.Flags()
	f.SortFlags = false
	own.modelFlag(cmd, &c.model, "the design")
	configFlags(cmd, &c.config)
	propsFlag(cmd, &c.props, "check")
	f.StringVar(&c.memory, "memory", "sc", "memory models, `LIST` of "+memoryList()+", which share the time")
	completeList(cmd, "memory", model.MemoryModelNames())
	f.Uint64Var(&seed, "seed", 1, "which walks: another seed takes others")
	f.BoolVar(&c.first, "first", false, "stop at the first violation")
	f.Uint64Var(&walks, "walks", 0, "take at most `N` walks (default as many as there is time for)")
	f.DurationVar(&c.timeout, "timeout", walkFor, "walk for this `TIME`, as 30s or 10m; with --walks there is "+
		"none unless it is given")
	f.IntVar(&c.maxDepth, "max-depth", longestWalk, "most steps of a walk")
	f.StringVar(&c.storage.maxMemory, "max-memory", "", "`SIZE` of the table of states that were seen; beyond it "+
		"new ones are not counted (default 3/4 of the memory available at the start)")
	c.reportFlags(cmd)
	return cmd
}
