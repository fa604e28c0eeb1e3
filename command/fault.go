package command

import (
	"errors"
	"fmt"
	"io"

	"ctcheck/internal/replace"
	"ctcheck/report"
	"ctcheck/trace"
)

// This file is about faults of a design as it is modelled, which end a search without a verdict.

// A told error is a fault whose run was written where reports go.
type told struct{ error }

// Unwrap returns the error of the search.
func (t told) Unwrap() error { return t.error }

// tellFault writes the run to a fault to standard output and to the files, where the formats have a form for that.
// The error is the given one, which is told then, or that of writing.
func (pl *plan) tellFault(err error, format string, stdout io.Writer) error {
	var found *trace.Fault
	if !errors.As(err, &found) {
		return err
	}
	f := &report.Fault{Model: pl.subject.name, Summary: pl.subject.summary, Fault: found}
	for _, o := range pl.outs {
		if o.Fault == nil {
			continue
		}
		if unable := replace.File(o.path, 0o666, func(w io.Writer) error { return o.Fault(f, w) }); unable != nil {
			return errors.Join(err, unable)
		}
	}
	for _, known := range report.Formats() {
		if known.Name != format || known.Fault == nil {
			continue
		}
		if unable := known.Fault(f, stdout); unable != nil {
			return errors.Join(err, fmt.Errorf("the run could not be written: %w", unable))
		}
		return told{err}
	}
	return err
}

// complain writes the error with which the command ends, with the run to a fault where nothing else has it.
func complain(w io.Writer, err error) {
	fmt.Fprintf(w, "ctcheck: %v\n", err)
	var found *trace.Fault
	var t told
	if errors.As(err, &found) && !errors.As(err, &t) {
		f := &report.Fault{Fault: found}
		fmt.Fprintf(w, "\n%s", f.Story())
	}
}
