package command

import (
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ctcheck/judge"
	"ctcheck/model"
	"ctcheck/report"
)

// This file reads the flags of the litmus command.

// A litmusRun is what a call asks for, once its flags were found to make sense.
type litmusRun struct {
	*litmusCall
	cmd      *cobra.Command
	files    []string
	memories []model.MemoryModel
	limits   judge.Limits
	expect   *judge.Expectations // nil: nothing is expected
	format   litmusFormat
	outs     []target
	style    report.Style
}

// plan reads the flags.
func (c *litmusCall) plan(cmd *cobra.Command, args []string) (*litmusRun, error) {
	r := &litmusRun{litmusCall: c, cmd: cmd}
	f := cmd.Flags()
	names := append(litmusNames(false), litmusNames(true)...)
	i := slices.IndexFunc(litmusFormats(), func(f litmusFormat) bool { return f.name == c.format })
	if i < 0 {
		return nil, fmt.Errorf("--format is %q; it can be %s", c.format, orList(names))
	}
	r.format = litmusFormats()[i]
	var err error
	if r.style, err = c.layout.style(cmd); err != nil {
		return nil, err
	}
	switch {
	case !r.format.isText() && f.Changed("width"), !r.format.isText() && c.layout.color == "always":
		return nil, fmt.Errorf("--width and --color go with --format text; --format is %s", c.format)
	case c.workers < 1 || c.workers > 64:
		return nil, fmt.Errorf("--workers is %d; it can be 1 to 64", c.workers)
	}
	if err := positive(f, c.timeout); err != nil {
		return nil, err
	}
	if r.memories, err = memoriesOf(c.memory, model.LitmusModels()); err != nil {
		return nil, err
	}
	if err := r.axiomFlags(f); err != nil {
		return nil, err
	}
	if r.limits, err = c.limits(f); err != nil {
		return nil, err
	}
	if r.outs, err = targets(c.out, litmusEndings()); err != nil {
		return nil, err
	}
	if r.files, err = judge.Find(args); err != nil {
		return nil, err
	}
	if c.why && len(r.files) > 1 {
		return nil, fmt.Errorf("--why is of one test; there are %d", len(r.files))
	}
	if err := r.oneOnly(); err != nil {
		return nil, err
	}
	if err := r.graphsOnly(); err != nil {
		return nil, err
	}
	if f.Changed("expect") {
		r.expect, err = expectations(c.expect, r.memories)
	}
	return r, err
}

// axiomFlags looks at the flags that are about axioms.
func (r *litmusRun) axiomFlags(f *pflag.FlagSet) error {
	if f.Changed("engine") && !slices.Contains(engines, r.engine) {
		return fmt.Errorf("--engine is %q; it can be %s", r.engine, orList(engines))
	}
	for _, mm := range r.memories {
		if r.engine == "axioms" && !judge.HasAxioms(mm) {
			return fmt.Errorf("--engine axioms has none of %s; --engine states has", mm)
		}
	}
	if !slices.ContainsFunc(r.memories, r.byAxioms) {
		for _, name := range []string{"why", "unroll", "mode"} {
			if f.Changed(name) {
				return fmt.Errorf("--%s goes with --memory lkmm or --engine axioms; --memory is %s", name, r.memory)
			}
		}
	}
	switch {
	case r.unroll < 1 || r.unroll > maxUnroll:
		return fmt.Errorf("--unroll is %d; it can be 1 to %d", r.unroll, maxUnroll)
	case f.Changed("mode") && !slices.Contains(judge.Modes(), r.mode):
		return fmt.Errorf("--mode is %q; it can be %s", r.mode, orList(judge.Modes()))
	}
	return nil
}

// limits is what bounds each search.
func (c *litmusCall) limits(f *pflag.FlagSet) (judge.Limits, error) {
	l := judge.Limits{Timeout: c.timeout, Mode: judge.Mode(c.mode), Axioms: c.engine == "axioms", Unroll: c.unroll}
	if f.Changed("max-memory") {
		var err error
		l.MaxBytes, err = memorySize(f, c.maxMemory)
		return l, err
	}
	l.MaxBytes = withinAddresses(availableMemory("")/4*3) / uint64(c.workers)
	return l, nil
}

// expectations reads the table.
func expectations(file string, memories []model.MemoryModel) (*judge.Expectations, error) {
	in, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("--expect: %w", err)
	}
	defer in.Close()
	e, err := judge.ReadExpectations(file, in, memories)
	if err != nil {
		return nil, fmt.Errorf("--expect: %w", err)
	}
	return e, nil
}
