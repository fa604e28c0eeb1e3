package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"ctcheck/explore"
	"ctcheck/model"
)

// This file reads the flags that say how the check command searches.

// memories reads a value of --memory.
func memories(list string) ([]model.MemoryModel, error) {
	return memoriesOf(list, model.MemoryModels())
}

// memoriesOf reads a list of memory models, of those that there can be.
func memoriesOf(list string, of []model.MemoryModel) (mms []model.MemoryModel, err error) {
	var names []string
	for _, mm := range of {
		names = append(names, mm.String())
	}
	for name := range strings.SplitSeq(list, ",") {
		i := slices.Index(names, name)
		mm := of[max(i, 0)]
		switch {
		case i < 0 && name == model.LKMM.String():
			return nil, fmt.Errorf("%s is for litmus tests: ctcheck litmus --memory %s; here there can be %s", name,
				name, orList(names))
		case i < 0:
			return nil, unknown("memory model", name, names)
		case slices.Contains(mms, mm):
			return nil, fmt.Errorf("--memory: %q is given twice", name)
		}
		mms = append(mms, mm)
	}
	return mms, nil
}

// options reads the flags that bound the search.
func (c *call) options(f *pflag.FlagSet) (o explore.Options, err error) {
	o = explore.Options{First: c.first, Workers: c.workers}
	switch c.search {
	case "dfs":
	case "bfs":
		o.Search = explore.BreadthFirst
	default:
		return o, fmt.Errorf("--search is %q; it can be dfs or bfs", c.search)
	}
	switch {
	case c.workers < 1 || c.workers > 64:
		return o, fmt.Errorf("--workers is %d; it can be 1 to 64", c.workers)
	case f.Changed("workers") && c.search == "dfs" && c.workers > 1:
		return o, errors.New("--workers goes with --search bfs; a depth-first search has one worker")
	case f.Changed("workers") && c.coverage && c.workers > 1:
		return o, errors.New("--workers goes without --coverage; a search that counts has one worker")
	case f.Changed("max-states") && c.maxStates < 1:
		return o, fmt.Errorf("--max-states is %d; it must be at least 1", c.maxStates)
	case f.Changed("max-depth") && c.maxDepth < 1:
		return o, fmt.Errorf("--max-depth is %d; it must be at least 1", c.maxDepth)
	}
	if err := positive(f, c.timeout); err != nil {
		return o, err
	}
	o.MaxStates, o.MaxDepth = uint64(c.maxStates), c.maxDepth
	if o.Coverage = c.coverage; o.Coverage {
		o.Workers = 1
	}
	if o.Reduce, err = reductions(c.reduce); err != nil {
		return o, err
	}
	return o, c.storage.options(f, c, &o)
}

// reductions reads the value of --reduce.
func reductions(list string) (explore.Reductions, error) {
	named := map[string]explore.Reductions{"por": explore.PartialOrder, "symmetry": explore.Symmetry}
	switch list {
	case "none":
		return 0, nil
	case "default":
		return explore.PartialOrder | explore.Symmetry, nil
	}
	var set explore.Reductions
	for name := range strings.SplitSeq(list, ",") {
		switch bit := named[name]; {
		case name == "none" || name == "default":
			return 0, fmt.Errorf("--reduce: %q stands alone, it does not go with other names", name)
		case bit == 0:
			return 0, unknown("reduction", name, []string{"none", "default", "por", "symmetry"})
		case set&bit != 0:
			return 0, fmt.Errorf("--reduce: %q is given twice", name)
		default:
			set |= bit
		}
	}
	return set, nil
}
