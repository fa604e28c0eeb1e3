package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ctcheck/explore"
	"ctcheck/judge"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
	"ctcheck/report"
	"ctcheck/verdict"
)

// A call is what the flags say.
type call struct {
	own       Own
	engine    engine
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
	witness   string
	watching  bool
	layout    layout
	progress  string
}

// An engine is what decides a subject under a memory model.
type engine func(ctx context.Context, s *subject, mm model.MemoryModel, o explore.Options) (*verdict.Result, error)

// search is the engine of the check command.
func search(ctx context.Context, s *subject, _ model.MemoryModel, o explore.Options) (*verdict.Result, error) {
	if s.family != nil {
		return judge.Any(ctx, *s.family, o)
	}
	return explore.Run(ctx, s.program, s.monitors, o)
}

func newCheck(own Own, status *int) *cobra.Command {
	c := call{own: own, engine: search, config: models.DefaultConfig()}
	cmd := &cobra.Command{
		Use:   "ctcheck -model NAME [flags]",
		Short: "Check a published design of deferred IPI work in every interleaving",
		Long: "ctcheck visits every interleaving of the CPUs, IPIs and NMIs of a configuration and prints,\n" +
			"for each property that fails, a shortest run that shows it.",
		Example: "  ctcheck -model peterz\n" +
			"  ctcheck -model valentin --setters 3 --rounds 3\n" +
			"  ctcheck -model valentin --memory sc,tso --props all\n" +
			"  ctcheck -model valentin --nmi 1 --props no-warn,no-double-execution\n" +
			"  ctcheck -model ct_work.c --setters 2 --nmi 1\n" +
			"  ctcheck -model peterz --out peterz.md --out peterz.sarif\n" +
			"  ctcheck -model peterz --format mmd\n" +
			"  ctcheck explore -model peterz\n" +
			"  ctcheck litmus tests\n" +
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
			once := func() error {
				v, err := c.run(cmd)
				if *status = exitStatus(v); err != nil {
					*status = exitBadCall
				}
				return err
			}
			if c.watching {
				return c.watch(cmd, once)
			}
			return once()
		},
	}
	cmd.SetFlagErrorFunc(flagError)
	f := cmd.Flags()
	f.SortFlags = false
	own.modelFlag(cmd, &c.model, "the design to check")
	configFlags(cmd, &c.config)
	propsFlag(cmd, &c.props, "check")
	f.StringVar(&c.search, "search", "bfs", "order of the search, bfs or dfs")
	f.BoolVar(&c.first, "first", false, "stop at the first violation")
	f.BoolVar(&c.coverage, "coverage", false,
		"say how often each step and each branch was taken, which never "+
			"were, and what makes the states many; with one worker, which interprets every step")
	f.Int64Var(&c.maxStates, "max-states", 0, "stop when this many states are stored")
	f.IntVar(&c.maxDepth, "max-depth", 0, "look at runs of at most this many steps")
	c.storage.flags(f)
	f.BoolVar(&c.watching, "watch", false, "check again whenever the litmus test or a C file changes, until "+
		"Ctrl-C; "+
		"the exit status is that of the last check")
	f.DurationVar(&c.timeout, "timeout", 0, "stop after this `TIME`, as 30s or 10m; several memory models "+
		"share it")
	f.IntVar(&c.workers, "workers", runtime.NumCPU(), "goroutines of a breadth-first search")
	f.StringVar(&c.reduce, "reduce", "default", "visit fewer states for the same verdicts: `LIST` of por "+
		"(partial-order reduction) and symmetry (of CPUs that run the same code), none, or default, which is "+
		"both where they are sound")
	f.StringVar(&c.memory, "memory", "sc", "memory models, `LIST` of "+memoryList()+"; with several the verdicts "+
		"are compared")
	c.reportFlags(cmd)
	completions(cmd)
	return cmd
}

// reportFlags is the flags that say how reports are written.
func (c *call) reportFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.format, "format", "text", "format of the report, "+orList(formatNames()))
	f.StringArrayVar(&c.out, "out", nil, "also write the report to `FILE`, in the format of its ending: "+
		orList(endings())+"; may be given several times")
	f.StringVar(&c.witness, "witness", "", "draw a shortest run that reaches the `CLAIM`, as 'a request is "+
		"deferred', or all; json and html have them all")
	completeFlag(cmd, "witness", "all")
	c.layout.detailFlags(f)
	c.layout.flags(f)
	progressFlag(cmd, &c.progress)
	completeFlag(cmd, "format", formatNames()...)
	completeFlag(cmd, "color", colorModes...)
	var es []string
	for _, e := range endings() {
		es = append(es, e[1:])
	}
	must(cmd.MarkFlagFilename("out", es...))
}

// params is the configuration as reports name it.
func params(c models.Config) []report.Param {
	var ps []report.Param
	for _, p := range c.Params() {
		ps = append(ps, report.Param(p))
	}
	return ps
}

// A plan is what a call asks for, once its flags were found to make sense.
type plan struct {
	write    func(io.Writer, ...*report.Report) error // to standard output
	outs     []outFile
	opts     explore.Options
	subject  *subject
	memories []model.MemoryModel
}

func (c *call) run(cmd *cobra.Command) (verdict.Verdict, error) {
	pl, err := c.plan(cmd)
	if err != nil {
		return 0, err
	}
	defer frugal(pl.opts.MaxBytes)()
	reps, err := c.searches(cmd, pl)
	if err != nil {
		return 0, pl.tellFault(err, c.format, cmd.OutOrStdout())
	}
	worst := report.Worst(reps)
	if len(reps) < len(pl.memories) && worst != verdict.Violated {
		worst = verdict.Incomplete
	}
	for _, o := range pl.outs {
		if err := o.write(reps); err != nil {
			return 0, unwritten(err, worst)
		}
	}
	if err := pl.write(cmd.OutOrStdout(), reps...); err != nil {
		return 0, unwritten(err, worst)
	}
	return worst, nil
}

// unwritten says what the verdict was, where there is no report of it.
func unwritten(err error, worst verdict.Verdict) error {
	return fmt.Errorf("the report could not be written: %w; the verdict was %s", err, worst)
}

// plan reads the flags. The error is of the first one that makes no sense, or of the program that they make.
func (c *call) plan(cmd *cobra.Command) (pl plan, err error) {
	if pl.write, err = writer(c.format); err != nil {
		return pl, err
	}
	style, err := c.layout.style(cmd)
	if err != nil {
		return pl, err
	}
	if c.format == "text" {
		pl.write = style.Text
	}
	if err := knownProgress(c.progress); err != nil {
		return pl, err
	}
	if pl.outs, err = outputs(c.out); err != nil {
		return pl, err
	}
	if err := c.unused(cmd.Flags(), pl.outs); err != nil {
		return pl, err
	}
	if pl.opts, err = c.options(cmd.Flags()); err != nil {
		return pl, err
	}
	if pl.subject, err = c.own.subjectOf(cmd, c.model, c.config, c.props); err != nil {
		return pl, err
	}
	if err := c.noFamily(cmd.Flags(), pl); err != nil {
		return pl, err
	}
	if err := c.knownWitness(cmd.Flags(), pl.subject.program); err != nil {
		return pl, err
	}
	if pl.memories, err = memories(c.memory); err != nil {
		return pl, err
	}
	if (c.storage.checkpoint != "" || c.storage.resume != "") && len(pl.memories) > 1 {
		return pl, errors.New("--checkpoint and --resume are of one search: name one model with --memory")
	}
	if (c.storage.checkpoint != "" || c.storage.resume != "") && pl.subject.widen != nil {
		return pl, errors.New("--checkpoint and --resume do not go with C files, whose ranges the search finds")
	}
	if c.reduce != "default" {
		if err := pl.opts.Unsound(pl.subject.program, pl.subject.monitors); err != nil {
			return pl, fmt.Errorf("--reduce %s: %w; leave por out, or what it does not go with", c.reduce, err)
		}
	}
	return pl, nil
}

// frugal keeps the memory of the process near what is live, until the returned function is called. The tables
// hold no pointers, so collecting often costs little. It is a setting of the process, and so the command's:
// searches may run side by side.
func frugal(maxMemory uint64) (back func()) {
	percent, limit := debug.SetGCPercent(10), int64(-1) // which sets none
	if maxMemory > 0 && maxMemory < 1<<62 {
		// Near the bound, what was freed when a table was copied to grow goes back to the system at once.
		limit = debug.SetMemoryLimit(int64(maxMemory))
	}
	return func() {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(percent)
	}
}

// manyStates is as many states of a graph as Graphviz draws in a time that people wait for.
const manyStates = 300

// searches is a report for each memory model, but for those that an interrupt comes before.
func (c *call) searches(cmd *cobra.Command, pl plan) ([]*report.Report, error) {
	var reps []*report.Report
	for _, mm := range pl.memories {
		if cmd.Context().Err() != nil && len(reps) > 0 {
			fmt.Fprintf(cmd.ErrOrStderr(), "ctcheck: interrupted before the search under %s\n", mm)
			break
		}
		r, err := c.explore(cmd, mm, pl)
		if err != nil {
			return nil, err
		}
		if err := c.witnesses(cmd, r, pl); err != nil {
			return nil, err
		}
		rep := pl.subject.report(r)
		rep.Witness, rep.Command = c.witness, calledAs(cmd)
		info, _ := debug.ReadBuildInfo()
		rep.Build, rep.When = describe(info), time.Now()
		rep.Replay = again("replay", cmd.Flags())
		if rep.Graph, err = pl.subject.graph(cmd.Context(), c.formats(pl.outs), r); err != nil {
			return nil, err
		}
		drawn := slices.Contains(c.formats(pl.outs), "states") || r.Verdict != verdict.Violated
		if g := rep.Graph; g != nil && drawn && len(g.States) > manyStates {
			fmt.Fprintf(cmd.ErrOrStderr(), "ctcheck: the state graph under %s has %d states; Graphviz takes "+
				"long to draw more than a few hundred, and nobody can read them\n", mm, len(g.States))
		}
		reps = append(reps, rep)
		if r.Search != nil && r.Search.CheckpointErr != nil {
			fmt.Fprintf(cmd.ErrOrStderr(), "ctcheck: the checkpoint could not be written: %v\n",
				r.Search.CheckpointErr)
		}
	}
	return reps, nil
}

// witnesses looks for the runs that the flags ask for, within the time of one search.
func (c *call) witnesses(cmd *cobra.Command, r *verdict.Result, pl plan) error {
	ctx, cancel := within(cmd.Context(), c.timeout)
	defer cancel()
	has := func(format string) bool { return slices.Contains(c.formats(pl.outs), format) }
	every := c.witness == "all" || has("json") || has("html")
	chosen := func(name string) bool { return every || c.witness == name }
	return explore.Witnesses(ctx, pl.subject.program, pl.subject.monitors, r, pl.opts, chosen)
}

// knownWitness says what is wrong with the claim that is asked for.
func (c *call) knownWitness(f *pflag.FlagSet, p *model.Program) error {
	if !f.Changed("witness") {
		return nil
	}
	var names []string
	for _, cl := range p.Claims {
		names = append(names, strconv.Quote(cl.Name))
		if cl.Name == c.witness || c.witness == "all" {
			return nil
		}
	}
	if len(names) == 0 {
		return errors.New("--witness: the program says of nothing that it must be reachable")
	}
	return fmt.Errorf("--witness: there is no claim %q; there are: %s, or all", c.witness,
		strings.Join(names, ", "))
}

// explore is the search under one memory model; all of them share the time.
func (c *call) explore(cmd *cobra.Command, mm model.MemoryModel, pl plan) (*verdict.Result, error) {
	n := time.Duration(len(pl.memories))
	share := (c.timeout + n - 1) / n // more than nothing, if the time is
	ctx, cancel := within(cmd.Context(), share)
	defer cancel()
	o := pl.opts
	var stop func()
	o.Progress, stop = startMeter(cmd, c.progress, o, share)
	defer stop()
	o.Memory = mm
	var r *verdict.Result
	err := explore.Widening(pl.subject.widen, func() (err error) {
		r, err = c.engine(ctx, pl.subject, mm, o)
		return err
	})
	return r, err
}

// monitors is the properties that --props asks for. Those of a set that are vacuous for the program are
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
