package command

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"ctcheck/report"
)

// This file finds out what the command writes to, and lays text out for it.

// A terminal is a writer that is one.
type terminal struct{ fd int }

// terminalOf is the terminal that a writer leads to; nil if it is none, or one that can do nothing.
func terminalOf(w io.Writer) *terminal {
	if watched, ok := w.(*watchedWriter); ok {
		w = watched.w
	}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return &terminal{int(f.Fd())}
}

// width is its number of columns, now; 80 where it does not say.
func (t *terminal) width() int {
	if columns, _, err := term.GetSize(t.fd); err == nil && columns > 0 {
		return columns
	}
	return report.Mail.Width
}

// A layout is what the flags say of text.
type layout struct {
	width          int
	color          string
	brief, verbose bool
}

var colorModes = []string{"auto", "always", "never"}

const widestText = 400

func (l *layout) flags(f *pflag.FlagSet) {
	f.IntVar(&l.width, "width", 0,
		"columns of text (default the terminal's, at most 80, so that it can be pasted into a "+
			"mail)")
	f.StringVar(&l.color, "color", "auto",
		"colours in text: auto (on a terminal, unless NO_COLOR is set), always or "+
			"never")
}

// detailFlags is the flags that say how much text there is.
func (l *layout) detailFlags(f *pflag.FlagSet) {
	f.BoolVar(&l.brief, "brief", false, fmt.Sprintf("of text at most %d lines: the verdict, and of one run the "+
		"statements and what came of them", report.MostBrief))
	f.BoolVar(&l.verbose, "verbose", false, "in text also why reductions were not applied, what each property "+
		"claims, and what every variable is after a run")
}

// style is the style of standard output.
func (l *layout) style(cmd *cobra.Command) (report.Style, error) {
	s, t := report.Mail, terminalOf(cmd.OutOrStdout())
	switch {
	case cmd.Flags().Changed("width") && (l.width < report.NarrowestText || l.width > widestText):
		return s, fmt.Errorf("--width is %d; it can be %d to %d", l.width, report.NarrowestText, widestText)
	case l.width > 0:
		s.Width = l.width
	case t != nil:
		s.Width = max(min(t.width(), report.Mail.Width), report.NarrowestText)
	}
	switch {
	case l.brief && l.verbose:
		return s, errors.New("--brief and --verbose: give one of them")
	case l.brief:
		s.Detail = report.Brief
	case l.verbose:
		s.Detail = report.Verbose
	}
	switch l.color {
	case "auto":
		s.Color = t != nil && os.Getenv("NO_COLOR") == ""
	case "always":
		s.Color = true
	case "never":
	default:
		return s, fmt.Errorf("--color is %q; it can be %s", l.color, orList(colorModes))
	}
	return s, nil
}
