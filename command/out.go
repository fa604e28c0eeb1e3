package command

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"ctcheck/internal/replace"
	"ctcheck/model"
	"ctcheck/report"
)

// This file is about where reports go: standard output in one format, and files, each in the format that
// its ending names.

// An outFile is a file to write the reports to.
type outFile struct {
	path string
	report.Format
}

// writer is the format of standard output.
func writer(format string) (func(io.Writer, ...*report.Report) error, error) {
	for _, f := range report.Formats() {
		if f.Name == format {
			return f.Write, nil
		}
	}
	return nil, fmt.Errorf("--format is %q; it can be %s", format, orList(formatNames()))
}

// formats is the formats of all reports: of standard output and of the files.
func (c *call) formats(outs []outFile) []string {
	names := []string{c.format}
	for _, o := range outs {
		names = append(names, o.Name)
	}
	return names
}

// unused says which flag is about something that no report shows.
func (c *call) unused(f *pflag.FlagSet, outs []outFile) error {
	var counted []string
	for _, format := range report.Formats() {
		if format.Coverage {
			counted = append(counted, format.Name)
		}
	}
	shows := func(name string) bool { return slices.Contains(counted, name) }
	switch {
	case c.format != "text" && f.Changed("width"):
		return fmt.Errorf("--width goes with --format text, on standard output; --format is %s", c.format)
	case c.format != "text" && (c.layout.brief || c.layout.verbose):
		return fmt.Errorf("--brief and --verbose go with --format text, on standard output; --format is %s",
			c.format)
	case c.format != "text" && c.layout.color == "always":
		return fmt.Errorf("--color always goes with --format text; --format is %s", c.format)
	case c.coverage && !slices.ContainsFunc(c.formats(outs), shows):
		return fmt.Errorf("--coverage is shown by %s; give one with --format or --out", orList(counted))
	}
	others := slices.ContainsFunc(outs, func(o outFile) bool { return witnessing(o.Name) })
	switch {
	case c.layout.brief && c.coverage && !others:
		return errors.New("--coverage is not in brief text; leave out --brief, or write another report with --out")
	case c.layout.brief && f.Changed("witness") && !others:
		return errors.New("--witness is not in brief text; leave out --brief, or write another report with --out")
	}
	if f.Changed("witness") && !slices.ContainsFunc(c.formats(outs), witnessing) {
		return fmt.Errorf("--witness is shown by %s; give one with --format or --out",
			orList(slices.DeleteFunc(formatNames(), func(name string) bool { return !witnessing(name) })))
	}
	return nil
}

// witnessing reports whether a format shows runs that reach claims.
func witnessing(format string) bool {
	return slices.Contains([]string{"text", "json", "html", "md"}, format)
}

func formatNames() []string {
	var names []string
	for _, f := range report.Formats() {
		names = append(names, f.Name)
	}
	return names
}

func endings() []string {
	var es []string
	for _, f := range report.Formats() {
		es = append(es, f.Ending)
	}
	return es
}

// orList is "a, b or c".
func orList(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// memoryList is the memory models with what they are.
func memoryList() string {
	var names []string
	for _, mm := range model.MemoryModels() {
		names = append(names, fmt.Sprintf("%s (%s)", mm, mm.Title()))
	}
	return orList(names)
}

// outputs reads the values of --out.
func outputs(files []string) ([]outFile, error) {
	var outs []outFile
	targets, err := targets(files, endings())
	for _, t := range targets {
		outs = append(outs, outFile{t.path, report.Formats()[t.ending]})
	}
	return outs, err
}

// A target is a file that is to be written.
type target struct {
	path   string
	ending int // among those that there can be
}

// targets reads the values of --out, which can have some endings, and finds out whether the files can be written: a
// search may take hours.
func targets(files, endings []string) ([]target, error) {
	var outs []target
	given := map[string]bool{}
	for _, file := range files {
		i := slices.Index(endings, filepath.Ext(file))
		if i < 0 {
			return nil, fmt.Errorf("--out is %q; the format follows the ending, which can be %s", file,
				orList(endings))
		}
		if filepath.Base(file) == filepath.Ext(file) {
			return nil, fmt.Errorf("--out is %q, which has no name before the ending", file)
		}
		path, err := targetOf(file)
		if err != nil {
			return nil, fmt.Errorf("--out: %w", err)
		}
		abs, err := filepath.Abs(path)
		if err != nil {
			return nil, fmt.Errorf("--out: %w", err)
		}
		if given[abs] {
			return nil, fmt.Errorf("--out: %q is given twice", file)
		}
		given[abs] = true
		if err := replace.Probe(path); err != nil {
			return nil, unwritable(file, err)
		}
		outs = append(outs, target{path, i})
	}
	return outs, nil
}

// unwritable says of a file, and not of the one beside it that is to become it, why it cannot be written.
func unwritable(file string, err error) error {
	return fmt.Errorf("--out: %q cannot be written: %w", file, because(err))
}

// targetOf is the file behind links, which must be a plain file if it is there. A link that leads nowhere is
// refused: a shell would make the file that it leads to, but it may be a disk that is missing, or a name that is
// misspelt.
func targetOf(file string) (string, error) {
	target, err := filepath.EvalSymlinks(file)
	if errors.Is(err, fs.ErrNotExist) {
		if info, err := os.Lstat(file); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return "", fmt.Errorf("%q is a link that leads to no file", file)
		}
		return file, nil
	}
	if err != nil {
		return "", err
	}
	info, err := os.Stat(target)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%q is there, and is no plain file", file)
	}
	return target, nil
}

// write replaces the file whole or not at all.
func (o outFile) write(rs []*report.Report) error {
	return replace.File(o.path, 0o666, func(w io.Writer) error { return o.Write(w, rs...) })
}
