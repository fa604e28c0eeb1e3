package judge

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ctcheck/litmus"
)

// Stdin is the name that stands for standard input.
const Stdin = "-"

// Ending is that of a litmus test's file.
const Ending = ".litmus"

// Find is the files that arguments name: a file as it is, of a folder all files below it whose names end in
// .litmus, in the order of their names. The error says which argument cannot be read, or leads to no test.
func Find(args []string) (files []string, err error) {
	for i, arg := range args {
		if arg == Stdin {
			if slices.Contains(args[:i], Stdin) {
				return nil, fmt.Errorf("- is given twice; standard input can be read once")
			}
			files = append(files, arg)
			continue
		}
		info, err := os.Stat(arg)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			files = append(files, arg)
			continue
		}
		before := len(files)
		if files, err = below(arg, files); err != nil {
			return nil, err
		}
		if len(files) == before {
			return nil, fmt.Errorf("%s has no file whose name ends in %s", arg, Ending)
		}
	}
	return files, nil
}

// below appends the files of a folder. Links to folders are not followed: they may lead back.
func below(dir string, files []string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case e.IsDir():
			if files, err = below(path, files); err != nil {
				return nil, err
			}
		case strings.HasSuffix(e.Name(), Ending):
			// A link to a file is one; what cannot be read is an outcome, and the others run.
			if info, err := os.Stat(path); err != nil || info.Mode().IsRegular() {
				files = append(files, path)
			}
		}
	}
	return files, nil
}

// Read reads a file, or standard input, but no more than a test may have. The error is that of the file.
func Read(file string, stdin io.Reader) ([]byte, error) {
	in := stdin
	if file != Stdin {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	src, err := io.ReadAll(io.LimitReader(in, litmus.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return src, nil
}
