package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ctcheck/explore"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
	"ctcheck/report"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// A call is what the flags say.
type call struct {
	model     string
	config    models.Config
	props     string
	search    string
	first     bool
	coverage  bool
	maxStates int64
	maxDepth  int
	storage   storage
	timeout   time.Duration
	workers   int
	reduce    string
	memory    string
	format    string
	out       []string
	layout    layout
	progress  string
}

func newCheck(status *int) *cobra.Command {
	c := call{config: models.DefaultConfig()}
	cmd := &cobra.Command{
		Use:   "ctcheck -model NAME [flags]",
		Short: "Check a published design of deferred IPI work in every interleaving",
		Long: "ctcheck visits every interleaving of the CPUs, IPIs and NMIs of a configuration and prints,\n" +
			"for each property that fails, a shortest run that shows it.",
		Example: "  ctcheck -model peterz\n" +
			"  ctcheck -model valentin --setters 3 --rounds 3\n" +
			"  ctcheck -model valentin --memory sc,tso --props all\n" +
			"  ctcheck -model valentin --nmi 1 --props no-warn,no-double-execution\n" +
			"  ctcheck -model peterz --out peterz.md --out peterz.sarif\n" +
			"  ctcheck -model peterz --format mmd\n" +
			"  ctcheck explore -model peterz\n" +
			"  ctcheck list\n" +
			"  ctcheck list --props\n" +
			"  ctcheck matrix\n" +
			"  ctcheck weaken -model valentin\n" +
			"  ctcheck completion bash",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownWord(cmd, args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			v, err := c.run(cmd)
			*status = exitStatus(v)
			return err
		},
	}
	cmd.SetFlagErrorFunc(flagError)
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&c.model, "model", "", "the design to check; `NAME` is one of those that ctcheck list prints")
	configFlags(f, &c.config)
	f.StringVar(&c.props, "props", "default", "properties to check: `NAME,...`, default, all or none")
	f.StringVar(&c.search, "search", "bfs", "order of the search, bfs or dfs")
	f.BoolVar(&c.first, "first", false, "stop at the first violation")
	f.BoolVar(&c.coverage, "coverage", false,
		"say how often each step and each way at a branch was taken, which never "+
			"were, and what makes the states many; with one worker, which interprets every step")
	f.Int64Var(&c.maxStates, "max-states", 0, "stop when this many states are stored")
	f.IntVar(&c.maxDepth, "max-depth", 0, "look at runs of at most this many steps")
	c.storage.flags(f)
	f.DurationVar(&c.timeout, "timeout", 0, "stop after this `TIME`, as 30s or 10m; several memory models "+
		"share it")
	f.IntVar(&c.workers, "workers", runtime.NumCPU(), "goroutines of a breadth-first search")
	f.StringVar(&c.reduce, "reduce", "default", "visit fewer states for the same verdicts: `LIST` of por "+
		"(partial-order reduction) and symmetry (of CPUs that run the same code), none, or default, which is "+
		"both where they are sound")
	f.StringVar(&c.memory, "memory", "sc", "memory models, `LIST` of sc (sequential consistency) and tso "+
		"(x86-TSO: store buffers); with both the verdicts are compared")
	f.StringVar(&c.format, "format", "text", "format of the report, "+orList(formatNames()))
	f.StringArrayVar(&c.out, "out", nil, "also write the report to `FILE`, in the format of its ending: "+
		orList(endings())+"; may be given several times")
	c.layout.flags(f)
	progressFlag(f, &c.progress)
	completions(cmd)
	return cmd
}

// configFlags is the flags that make a configuration.
func configFlags(f *pflag.FlagSet, c *models.Config) {
	for _, p := range intParams(c) {
		f.IntVar(p.v, p.name, *p.v, p.usage)
	}
	f.BoolVar(&c.Self, "self", false, "the target also calls set_work on itself, from its body")
	f.StringVar(&c.Start, "start", c.Start, "where the target starts, user or body")
	f.StringVar(&c.Context, "context", c.Context,
		"what the target visits, `LIST` of user, idle and guest with commas between them")
	f.BoolVar(&c.Active, "active", true,
		"ct->active of the target; false for a housekeeping CPU")
}

type intParam struct {
	name  string
	v     *int
	usage string
}

func intParams(c *models.Config) []intParam {
	return []intParam{
		{"setters", &c.Setters, "remote CPUs that ask for work"},
		{"works", &c.Works, "distinct work bits, handed out round robin"},
		{"requests", &c.Requests, "requests of each setter"},
		{"rounds", &c.Rounds, "how often the target comes back from user mode; 0 means for ever"},
		{"nmi", &c.NMI, "NMIs that hit the target, in all"},
		{"nmi-depth", &c.NMIDepth, "how many NMIs may be on top of each other"},
		{"bits-per-request", &c.BitsPerRequest, "work bits that one request asks for, 1 or 2"},
		{"urgent", &c.Urgent, "how many setters, the last ones, make urgent requests (frederic-csd)"},
	}
}

// params is the configuration as reports name it.
func params(c models.Config) []report.Param {
	var ps []report.Param
	for _, p := range c.Params() {
		ps = append(ps, report.Param(p))
	}
	return ps
}

func (c *call) run(cmd *cobra.Command) (verdict.Verdict, error) {
	write, err := writer(c.format)
	if err != nil {
		return 0, err
	}
	style, err := c.layout.style(cmd)
	if err != nil {
		return 0, err
	}
	if c.format == "text" {
		write = style.Text
	}
	if err := knownProgress(c.progress); err != nil {
		return 0, err
	}
	outs, err := outputs(c.out)
	if err != nil {
		return 0, err
	}
	opts, err := c.options(cmd.Flags())
	if err != nil {
		return 0, err
	}
	d, err := findDesign(c.model)
	if err != nil {
		return 0, err
	}
	p, err := d.Program(c.config)
	if err != nil {
		return 0, err
	}
	ms, err := monitors(p, c.props)
	if err != nil {
		return 0, err
	}
	m, err := machine.Compile(machine.Options{}, p, ms...)
	if err != nil {
		return 0, err
	}
	mms, err := memories(c.memory)
	if err != nil {
		return 0, err
	}
	if (c.storage.checkpoint != "" || c.storage.resume != "") && len(mms) > 1 {
		return 0, errors.New("--checkpoint and --resume are of one search: name one model with --memory")
	}
	if c.reduce != "default" {
		if err := opts.Unsound(m); err != nil {
			return 0, fmt.Errorf("--reduce %s: %w; leave por out, or what it does not go with", c.reduce, err)
		}
	}
	// The tables hold no pointers, so collecting often costs little, and keeps the peak near what is
	// live. It is a setting of the process, and so the command's: searches may run side by side.
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	if opts.MaxBytes > 0 && opts.MaxBytes < 1<<62 {
		// Near the bound, what was freed when a table was copied to grow goes back to the system at once.
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(int64(opts.MaxBytes)))
	}
	var reps []*report.Report
	for _, mm := range mms {
		if cmd.Context().Err() != nil && len(reps) > 0 {
			fmt.Fprintf(cmd.ErrOrStderr(), "ctcheck: interrupted before the search under %s\n", mm)
			break
		}
		r, err := c.explore(cmd, mm, p, ms, opts, len(mms))
		if err != nil {
			return 0, err
		}
		rep := &report.Report{Model: d.Name, Summary: d.Summary, Source: d.Source, Config: params(c.config),
			Program: p, Result: r}
		if rep.Graph, err = c.graph(cmd.Context(), r, p, ms, outs); err != nil {
			return 0, err
		}
		reps = append(reps, rep)
		if r.Search.CheckpointErr != nil {
			fmt.Fprintf(cmd.ErrOrStderr(), "ctcheck: the checkpoint could not be written: %v\n",
				r.Search.CheckpointErr)
		}
	}
	worst := report.Worst(reps)
	if len(reps) < len(mms) && worst != verdict.Violated {
		worst = verdict.Incomplete
	}
	for _, o := range outs {
		if err := o.write(reps); err != nil {
			return 0, fmt.Errorf("the report could not be written: %w; the verdict was %s", err, worst)
		}
	}
	if err := write(cmd.OutOrStdout(), reps...); err != nil {
		return 0, fmt.Errorf("the report could not be written: %w; the verdict was %s", err, worst)
	}
	return worst, nil
}

// explore is one of n searches, which share the time.
func (c *call) explore(cmd *cobra.Command, mm model.MemoryModel, p *model.Program, ms []*model.Monitor,
	o explore.Options, n int) (*verdict.Result, error) {
	ctx, share := cmd.Context(), c.timeout/time.Duration(n)
	if c.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, share)
		defer cancel()
	}
	var stop func()
	o.Progress, stop = startMeter(cmd, c.progress, o, share)
	defer stop()
	o.Memory = mm
	return explore.Run(ctx, p, ms, o)
}

// graph is the state graph, if a report has a use for it.
func (c *call) graph(ctx context.Context, r *verdict.Result, p *model.Program, ms []*model.Monitor,
	outs []outFile) (*trace.Graph, error) {
	formats, most := []string{c.format}, 0
	for _, o := range outs {
		formats = append(formats, o.Name)
	}
	switch {
	case slices.Contains(formats, "states"):
		most = report.MostStates
	case slices.Contains(formats, "dot"):
		most = report.FewStates
	}
	if most == 0 || r.States > uint64(most) {
		return nil, nil
	}
	return explore.GraphOf(ctx, p, ms, explore.Options{Memory: r.Memory}, most)
}

// memories reads a value of --memory.
func memories(list string) ([]model.MemoryModel, error) {
	var mms []model.MemoryModel
	for name := range strings.SplitSeq(list, ",") {
		mm, ok := model.ParseMemoryModel(name)
		switch {
		case !ok:
			return nil, unknown("memory model", name, model.MemoryModelNames())
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
	case f.Changed("timeout") && c.timeout <= 0:
		return o, fmt.Errorf("--timeout is %s; it must be more than nothing", c.timeout)
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

func findDesign(name string) (models.Design, error) {
	names := modelNames()
	if name == "" {
		return models.Design{}, fmt.Errorf("no model is named; use -model with one of: %s",
			strings.Join(names, ", "))
	}
	if d, ok := models.Find(name); ok {
		return d, nil
	}
	return models.Design{}, unknown("model", name, names)
}

// monitors is the properties that --props asks for. Those of a set that are void of the program are
// left out; those asked for by name are not.
func monitors(p *model.Program, list string) ([]*model.Monitor, error) {
	names, err := propertyNames(list)
	if err != nil {
		return nil, err
	}
	if list == "default" || list == "all" {
		names = slices.DeleteFunc(names, func(n string) bool { return props.Void(p, n) != "" })
	}
	return props.Select(p, names...)
}
