package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

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

// outputs reads the values of --out, and finds out whether the files can be written: a search may take
// hours.
func outputs(files []string) ([]outFile, error) {
	var outs []outFile
	for _, file := range files {
		i := slices.Index(endings(), filepath.Ext(file))
		if i < 0 {
			return nil, fmt.Errorf("--out is %q; the format follows the ending, which can be %s", file,
				orList(endings()))
		}
		target, err := targetOf(file)
		if err != nil {
			return nil, fmt.Errorf("--out: %w", err)
		}
		if slices.ContainsFunc(outs, func(o outFile) bool { return o.path == target }) {
			return nil, fmt.Errorf("--out: %q is given twice", file)
		}
		f, err := temporary(target)
		if err != nil {
			return nil, unwritable(file, err)
		}
		f.Close()
		if err := os.Remove(f.Name()); err != nil {
			return nil, fmt.Errorf("--out: %w", err)
		}
		outs = append(outs, outFile{target, report.Formats()[i]})
	}
	return outs, nil
}

// unwritable says of a file, and not of the one beside it that is to become it, why it cannot be written.
func unwritable(file string, err error) error {
	if path := (&fs.PathError{}); errors.As(err, &path) {
		err = path.Err
	}
	if _, missing := os.Stat(filepath.Dir(file)); errors.Is(missing, fs.ErrNotExist) {
		return fmt.Errorf("--out: %q cannot be written: there is no folder %q", file, filepath.Dir(file))
	}
	return fmt.Errorf("--out: %q cannot be written: %w", file, err)
}

// targetOf is the file behind links, which must be a plain file if it is there.
func targetOf(file string) (string, error) {
	target, err := filepath.EvalSymlinks(file)
	if errors.Is(err, fs.ErrNotExist) {
		return filepath.Abs(file)
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
	return filepath.Abs(target)
}

// temporary makes the file that becomes the target when it is whole, in the same folder.
func temporary(target string) (*os.File, error) {
	name := fmt.Sprintf(".%s.%d.tmp", filepath.Base(target), os.Getpid())
	return os.OpenFile(filepath.Join(filepath.Dir(target), name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
}

// write replaces the file whole or not at all.
func (o outFile) write(rs []*report.Report) (err error) {
	f, err := temporary(o.path)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	w := bufio.NewWriter(f)
	if err := o.Write(w, rs...); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), o.path)
}
