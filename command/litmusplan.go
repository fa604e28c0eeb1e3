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
	if f.Changed("engine") && !slices.Contains(engines, c.engine) {
		return nil, fmt.Errorf("--engine is %q; it can be %s", c.engine, orList(engines))
	}
	for _, mm := range r.memories {
		if c.engine == "axioms" && !judge.HasAxioms(mm) {
			return nil, fmt.Errorf("--engine axioms has none of %s; --engine states has", mm)
		}
	}
	ofAxioms := slices.ContainsFunc(r.memories, c.byAxioms)
	if c.why && !ofAxioms {
		return nil, fmt.Errorf("--why goes with --memory lkmm or --engine axioms; --memory is %s", c.memory)
	}
	if f.Changed("mode") {
		switch {
		case !slices.Contains(judge.Modes(), c.mode):
			return nil, fmt.Errorf("--mode is %q; it can be %s", c.mode, orList(judge.Modes()))
		case !ofAxioms:
			return nil, fmt.Errorf("--mode goes with --memory lkmm or --engine axioms; --memory is %s", c.memory)
		}
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

// limits is what bounds each search.
func (c *litmusCall) limits(f *pflag.FlagSet) (judge.Limits, error) {
	l := judge.Limits{Timeout: c.timeout, Mode: judge.Mode(c.mode), Axioms: c.engine == "axioms"}
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
