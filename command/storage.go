package command

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"ctcheck/explore"
)

// This file has the flags that say where states are kept: in how much memory, exactly or not, and in
// which file when the search ends before its time.

// A storage is what those flags say.
type storage struct {
	maxMemory  string
	store      string
	seed       uint64
	checkpoint string
	every      time.Duration
	resume     string
}

func (s *storage) flags(f *pflag.FlagSet) {
	f.StringVar(&s.maxMemory, "max-memory", "", "stop before the tables need more than `SIZE`, as 512MiB or "+
		"4GiB (default 3/4 of the memory available at the start, in the machine and in the control group, and 1/4 "+
		"of the addresses left by ulimit -v; "+
		"for --store bitstate at most 1GiB)")
	f.StringVar(&s.store, "store", "exact", "how states are remembered: exact, or bitstate (a few bits a state) "+
		"or hash128 (16 bytes), which may miss states, do not look at whole runs, and never say HOLDS")
	f.Uint64Var(&s.seed, "seed", 1, "hash functions of a lossy store: with another seed it misses other states")
	f.StringVar(&s.checkpoint, "checkpoint", "", "write where the search stands to `FILE` when it is cut, by "+
		"Ctrl-C or a bound, and every so often")
	f.DurationVar(&s.every, "checkpoint-every", 5*time.Minute, "`TIME` between two checkpoints")
	f.StringVar(&s.resume, "resume", "", "go on from the checkpoint `FILE` of the same search; its bounds and "+
		"--workers may differ")
}

// options reads the flags; c is the call that they belong to.
func (s *storage) options(f *pflag.FlagSet, c *call, o *explore.Options) error {
	var err error
	if o.Store, err = explore.ParseStore(s.store); err != nil {
		return fmt.Errorf("--store is %q; it can be %s", s.store, strings.Join(explore.StoreNames(), ", "))
	}
	lossy := o.Store != explore.Exact
	switch {
	case lossy && o.Search != explore.BreadthFirst && o.MaxDepth > 0:
		return fmt.Errorf("--max-depth with --store %s goes with --search bfs: a depth-first search does not "+
			"know at what depth it met a state", o.Store)
	case lossy && f.Changed("workers") && o.Workers > 1:
		return fmt.Errorf("--workers goes with --store exact; a search with --store %s has one worker", o.Store)
	case lossy && o.Coverage:
		return fmt.Errorf("--coverage goes with --store exact, which knows what is new; --store is %s", o.Store)
	case o.Coverage && (s.checkpoint != "" || s.resume != ""):
		return errors.New("--checkpoint and --resume go without --coverage: what was counted is not saved")
	case !lossy && f.Changed("seed") && f.Lookup("store") != nil:
		return errors.New("--seed goes with --store bitstate or hash128; the exact store misses nothing")
	case f.Changed("checkpoint") && s.checkpoint == "", f.Changed("resume") && s.resume == "":
		return errors.New("--checkpoint and --resume need the name of a file")
	case s.checkpoint == "" && f.Changed("checkpoint-every"):
		return errors.New("--checkpoint-every goes with --checkpoint")
	case s.every <= 0:
		return fmt.Errorf("--checkpoint-every is %s; it must be more than nothing", s.every)
	case (s.checkpoint != "" || s.resume != "") && o.Search != explore.BreadthFirst:
		return errors.New("--checkpoint and --resume go with --search bfs: a depth-first search is never between " +
			"two steps with little under way")
	case (s.checkpoint != "" || s.resume != "") && lossy:
		return fmt.Errorf("--checkpoint and --resume go with --store exact, not with %s", o.Store)
	}
	if lossy {
		o.Workers = 1
		o.Seed = s.seed
	}
	o.Checkpoint, o.Resume, o.CheckpointEvery = s.checkpoint, s.resume, s.every
	o.Settings = c.settings()
	return s.memory(f, o)
}

// memory reads --max-memory, or finds what it is to be.
func (s *storage) memory(f *pflag.FlagSet, o *explore.Options) error {
	if !f.Changed("max-memory") {
		o.MaxBytes = withinAddresses(availableMemory("") / 4 * 3)
		if o.Store == explore.Bitstate && (o.MaxBytes == 0 || o.MaxBytes > 1<<30) {
			o.MaxBytes = 1 << 30
		}
		return nil
	}
	var err error
	o.MaxBytes, err = memorySize(f, s.maxMemory)
	return err
}

// settings is what a checkpoint must have been made with to be resumed, besides the build of this program.
func (c *call) settings() []explore.Setting {
	all := []explore.Setting{{Name: "model", Value: c.model}}
	for _, p := range params(c.config) {
		all = append(all, explore.Setting{Name: p.Name, Value: fmt.Sprint(p.Value)})
	}
	return append(all, explore.Setting{Name: "props", Value: c.props},
		explore.Setting{Name: "memory", Value: c.memory})
}
