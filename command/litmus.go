package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ctcheck/axiom"
	"ctcheck/internal/replace"
	"ctcheck/judge"
	"ctcheck/model"
	"ctcheck/report"
	"ctcheck/trace"
)

// A litmusCall is what the flags of the litmus command say.
type litmusCall struct {
	memory    string
	mode      string
	engine    string
	unroll    int
	why       bool
	expect    string
	timeout   time.Duration
	maxMemory string
	workers   int
	format    string
	out       []string
	layout    layout
}

// newLitmus is long, as it has all flags.
func newLitmus(status *int) *cobra.Command {
	var c litmusCall
	cmd := &cobra.Command{
		Use:   "litmus [flags] FILE|DIR...",
		Short: "Run litmus tests: their final states under memory models",
		Long: "ctcheck litmus runs litmus tests in the format of herd7, in the C of the Linux-kernel memory\n" +
			"model or in x86 assembly, and says which final states they can have. Of a DIR it runs all\n" +
			"files below whose names end in .litmus; - is standard input.\n\n" +
			"Of one test it prints what herd7 prints, under lkmm with its counts of executions, else with\n" +
			"counts of final states; then a shortest run to the final state that the test asks about, or\n" +
			"under lkmm the execution, or the cycle that forbids it; and how the memory models differ. Of\n" +
			"many it prints a line each and a summary.\n\n" +
			"Exit status: 2 something is not supported or cannot be read, else 1 something is not as\n" +
			"--expect says, else 3 a limit was met, else 0. An exists that is not satisfied is no failure.",
		Example: "  ctcheck litmus SB+mbs.litmus\n" +
			"  ctcheck litmus --memory tso --out SB.html SB.litmus\n" +
			"  ctcheck litmus --memory lkmm --why MP+wmb+rmb.litmus\n" +
			"  ctcheck litmus --expect verdicts.tsv --timeout 10s tests\n" +
			"  ctcheck litmus --format json tests\n" +
			"  ctcheck weaken -model MP+wmb+rmb.litmus",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("litmus needs a FILE or a DIR with litmus tests, or - for standard input")
			}
			return nil
		},
		ValidArgsFunction: cobra.FixedCompletions([]string{strings.TrimPrefix(judge.Ending, ".")},
			cobra.ShellCompDirectiveFilterFileExt),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		*status, err = c.run(cmd, args)
		return err
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&c.memory, "memory", "sc,tso", "memory models, `LIST` of "+orList(litmusModels()))
	f.StringVar(&c.engine, "engine", "",
		"`ENGINE` that decides sc and tso, states or axioms (default states); lkmm has axioms only")
	f.StringVar(&c.mode, "mode", "",
		"by axioms, look for all executions or for one that satisfies the condition and one that does not, "+
			"`MODE` of "+orList(judge.Modes())+" (default full as long as that is cheap, then condition)")
	f.IntVar(&c.unroll, "unroll", axiom.DefaultUnroll,
		"by axioms, how many `ROUNDS` of a loop are followed that each change something")
	f.BoolVar(&c.why, "why", false,
		"by axioms, of one test, also say which order allows what is forbidden if it is made weaker")
	f.StringVar(&c.expect, "expect", "",
		"compare with the table in `FILE`: columns with tabs between them, named in "+
			"the first line: file, and memory models")
	f.DurationVar(&c.timeout, "timeout", 0, "`TIME` for each test under each memory model, as 30s or 10m")
	f.StringVar(&c.maxMemory, "max-memory", "",
		"`SIZE` that one search may take (default 3/4 of the memory available, "+
			"shared by the workers)")
	f.IntVar(&c.workers, "workers", runtime.GOMAXPROCS(0), "tests that are run at a time")
	f.StringVar(&c.format, "format", "text",
		"format of the output, "+orList(litmusNames(false))+"; of one test also "+
			orList(litmusNames(true)))
	f.StringArrayVar(&c.out, "out", nil,
		"also write to `FILE`, in the format of its ending: "+orList(litmusEndings())+
			"; may be given several times")
	c.layout.flags(f)
	completeList(cmd, "memory", litmusModels())
	completeFlag(cmd, "mode", judge.Modes()...)
	completeFlag(cmd, "engine", engines...)
	completeFlag(cmd, "format", append(litmusNames(false), litmusNames(true)...)...)
	completeFlag(cmd, "color", colorModes...)
	var es []string
	for _, e := range litmusEndings() {
		es = append(es, e[1:])
	}
	must(cmd.MarkFlagFilename("out", es...))
	must(cmd.MarkFlagFilename("expect"))
	return cmd
}

// litmusModels is the names of the memory models under which litmus tests are decided.
func litmusModels() (names []string) {
	for _, mm := range model.LitmusModels() {
		names = append(names, mm.String())
	}
	return names
}

// maxUnroll is how often a loop can be followed.
const maxUnroll = 500

// engines is what can decide a litmus test.
var engines = []string{"states", "axioms"}

// littleGarbage has the collector come seldom: what searches of small tests hold is little, and what they leave
// is not.
const littleGarbage = 400

func (c *litmusCall) run(cmd *cobra.Command, args []string) (status int, err error) {
	r, err := c.plan(cmd, args)
	if err != nil {
		return exitBadCall, err
	}
	defer debug.SetGCPercent(debug.SetGCPercent(littleGarbage))
	tally := &judge.Tally{Memories: r.memories, Expect: r.expect}
	if len(r.files) == 1 {
		err = r.one(tally)
	} else {
		err = r.many(tally)
	}
	switch {
	case err != nil:
		return exitBadCall, err
	case tally.Unsupported():
		return exitBadCall, nil
	case tally.Contradicted():
		return exitViolated, nil
	case tally.Cut():
		return exitIncomplete, nil
	}
	return exitHolds, nil
}

// decide runs the test in a file, and returns its text too.
func (r *litmusRun) decide(ctx context.Context, file string) (outcomes []*judge.Outcome, src []byte) {
	src, err := readTest(ctx, file, r.cmd.InOrStdin())
	if err == nil {
		return judge.Decide(ctx, file, src, r.memories, r.limits), src
	}
	for _, mm := range r.memories {
		outcomes = append(outcomes, &judge.Outcome{File: file, Memory: mm, Err: err})
	}
	return outcomes, nil
}

// readTest is [judge.Read], but Ctrl-C ends the wait for standard input, which may not come: what waits for it then
// does so until the program ends.
func readTest(ctx context.Context, file string, stdin io.Reader) ([]byte, error) {
	if file != judge.Stdin {
		return judge.Read(file, stdin)
	}
	type result struct {
		src []byte
		err error
	}
	done := make(chan result, 1)
	go func() {
		src, err := judge.Read(file, stdin)
		done <- result{src, err}
	}()
	select {
	case r := <-done:
		return r.src, r.err
	case <-ctx.Done():
		return nil, errors.New("interrupted while it was read")
	}
}

// many runs the tests, a line each, and writes the sum.
func (r *litmusRun) many(tally *judge.Tally) error {
	begin := time.Now()
	var all []*judge.Outcome
	var text strings.Builder
	lines := io.Writer(&text)
	if r.format.isText() {
		lines = io.MultiWriter(&text, r.cmd.OutOrStdout())
	}
	err := judge.All(r.cmd.Context(), len(r.files), r.workers, func(ctx context.Context, i int) []*judge.Outcome {
		outcomes, _ := r.decide(ctx, r.files[i])
		return outcomes
	}, func(_ int, outcomes []*judge.Outcome) error {
		all = append(all, outcomes...)
		_, err := fmt.Fprintln(lines, judge.Line(outcomes, tally.Add(outcomes)))
		return err
	})
	if err == nil {
		_, err = fmt.Fprintf(lines, "\n%s", tally.Text(time.Since(begin)))
	}
	if err != nil {
		return fmt.Errorf("the outcomes could not be written: %w", err)
	}
	return r.write(all, func(w io.Writer, _ report.Style) error {
		_, err := io.WriteString(w, text.String())
		return err
	}, nil, nil)
}

// one runs one test, and looks for runs if some format shows them.
func (r *litmusRun) one(tally *judge.Tally) error {
	outcomes, src := r.decide(r.cmd.Context(), r.files[0])
	contradictions := tally.Add(outcomes)
	var reports []*report.Report
	var graphs []*trace.Execution
	if outcomes[0].Err == nil {
		var err error
		if reports, err = r.witnesses(src, outcomes); err != nil {
			return err
		}
		if graphs, err = judge.Graphs(r.cmd.Context(), outcomes); err != nil {
			return err
		}
	}
	text := func(w io.Writer, st report.Style) error {
		err := judge.Text(w, st, outcomes, reports, graphs)
		if err == nil && r.why {
			err = judge.WhyText(r.cmd.Context(), w, st, outcomes)
		}
		switch {
		case err != nil:
		case len(contradictions) > 0:
			_, err = fmt.Fprintf(w, "\nNot as expected: %s\n", strings.Join(contradictions, "; "))
		case r.expect != nil && !r.expect.Lists(r.files[0]):
			_, err = fmt.Fprintf(w, "\n%s has no row for this test\n", r.expect.Name)
		}
		return err
	}
	if r.format.isText() && outcomes[0].Err == nil {
		if err := text(r.cmd.OutOrStdout(), r.style); err != nil {
			return fmt.Errorf("the outcome could not be written: %w", err)
		}
	}
	if err := r.write(outcomes, text, reports, graphs); err != nil || outcomes[0].Err == nil {
		return err
	}
	return errors.New(outcomes[0].Why())
}

// witnesses is the reports with the runs to be shown: under every memory model, if a page or a diagram is to be
// written; in text those under the first ones that have one.
func (r *litmusRun) witnesses(src []byte, outcomes []*judge.Outcome) (reports []*report.Report, err error) {
	all, text, names := false, false, []string(nil)
	for _, f := range r.formats() {
		all, text, names = all || f.reports != nil, text || f.isText(), append(names, f.name)
	}
	var p *judge.Protocol
	shown, stuck := false, false
	for _, o := range outcomes {
		shows := !shown && o.HasWitness() || !stuck && slices.Contains(o.Flags, judge.Deadlock)
		if o.Executed != nil || !all && !(text && shows) {
			continue
		}
		if p == nil {
			if p, err = judge.Load(o.File, src); err != nil {
				return nil, err
			}
		}
		rep, err := p.Witness(r.cmd.Context(), o.Memory, r.limits, r.workers)
		if err != nil {
			return nil, err
		}
		if rep.Graph, err = subjectFrom(p).graph(r.cmd.Context(), names, rep.Result); err != nil {
			return nil, err
		}
		shown, stuck = shown || o.HasWitness(), stuck || slices.Contains(o.Flags, judge.Deadlock)
		reports = append(reports, rep)
	}
	return reports, nil
}

// write writes all that is asked for but text on standard output, which is written along.
func (r *litmusRun) write(outcomes []*judge.Outcome, text func(io.Writer, report.Style) error,
	reports []*report.Report, graphs []*trace.Execution) error {
	by := func(f litmusFormat, w io.Writer) error {
		switch {
		case f.isText():
			return text(w, report.Mail)
		case f.outcomes != nil:
			return f.outcomes(w, outcomes, r.expect)
		case len(graphs) > 0:
			return f.graphs(w, outcomes[0].Name(), graphs...)
		}
		return f.reports(w, reports...)
	}
	for _, o := range r.outs {
		f := litmusFormats()[o.ending]
		if f.reports != nil && len(reports)+len(graphs) == 0 {
			continue // there is no run of a test that is not understood
		}
		if err := replace.File(o.path, 0o666, func(w io.Writer) error { return by(f, w) }); err != nil {
			return fmt.Errorf("%s could not be written: %w", o.path, err)
		}
	}
	if r.format.isText() || r.format.reports != nil && len(reports)+len(graphs) == 0 {
		return nil
	}
	if err := by(r.format, r.cmd.OutOrStdout()); err != nil {
		return fmt.Errorf("the outcomes could not be written: %w", err)
	}
	return nil
}
