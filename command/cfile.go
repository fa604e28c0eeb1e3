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

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ctcheck/cfront"
	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/models"
)

// This file is about protocols in C.

// cEnding is how the name of a C file ends; "-" is standard input.
const cEnding = ".c"

// isC reports whether the name of a model is that of C files, with commas between them.
func isC(name string) bool {
	return name == "-" || strings.HasSuffix(strings.SplitN(name, ",", 2)[0], cEnding)
}

// cFlags is the flags that say how C is read.
func cFlags(f *pflag.FlagSet) {
	f.StringArrayP("define", "D", nil, "of C files: define the macro `NAME[=VALUE]`; may be given several times")
	f.StringArrayP("include", "I", nil,
		"of C files: look for headers in the folder `DIR`, before the stand-ins for "+
			"the kernel's; may be given several times")
}

// noC says which flag is about C files, where the model is none.
func noC(f *pflag.FlagSet) error {
	for _, name := range []string{"define", "include"} {
		if f.Changed(name) {
			return fmt.Errorf("--%s is about C files, whose names end in %s", name, cEnding)
		}
	}
	return nil
}

// loadC reads the C files that a name stands for.
func loadC(f *pflag.FlagSet, name string, stdin io.Reader) (*cfront.File, error) {
	defines, err := f.GetStringArray("define")
	if err != nil {
		return nil, err
	}
	includes, err := f.GetStringArray("include")
	if err != nil {
		return nil, err
	}
	for _, dir := range includes {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("-I %s: there is no such folder", dir)
		}
	}
	var sources []cfront.Source
	for file := range strings.SplitSeq(name, ",") {
		switch {
		case file == "-" && name != "-":
			return nil, errors.New("standard input (-) stands alone, without other files")
		case file != "-" && !strings.HasSuffix(file, cEnding):
			return nil, fmt.Errorf("%q is no C file; several of them have commas between them", file)
		case slices.ContainsFunc(sources, func(s cfront.Source) bool { return s.Name == file }):
			return nil, fmt.Errorf("the C file %s is given twice", file)
		}
		text, err := readC(file, stdin)
		if err != nil {
			return nil, err
		}
		if file == "-" {
			file = "stdin.c"
		}
		sources = append(sources, cfront.Source{Name: file, Text: text})
	}
	return cfront.Load(sources, cfront.Options{Defines: defines, Includes: includes})
}

// mostC is how long a C file may be.
const mostC = 4 << 20

func readC(file string, stdin io.Reader) ([]byte, error) {
	in := stdin
	if file != "-" {
		opened, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("the C file %s cannot be read: %w", file, because(err))
		}
		defer opened.Close()
		in = opened
	}
	text, err := io.ReadAll(io.LimitReader(in, mostC+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the C file %s cannot be read: %w", file, because(err))
	case len(text) > mostC:
		return nil, fmt.Errorf("the C file %s is longer than 4 MiB", file)
	}
	return text, nil
}

// cDesign is a deferral design in C. Its name is the word that it was given by, which a later call knows it by.
func cDesign(f *pflag.FlagSet, name string, stdin io.Reader) (models.Design, error) {
	file, err := loadC(f, name, stdin)
	if err != nil {
		return models.Design{}, err
	}
	if !file.IsDeferral() {
		return models.Design{}, fmt.Errorf("%s is no deferral design: it has no CTCHECK_DEFERRAL", name)
	}
	return file.Design(), nil
}

// cSubject is C files as what built-in designs are.
func cSubject(cmd *cobra.Command, name string, c models.Config, list string) (*subject, error) {
	file, err := loadC(cmd.Flags(), name, cmd.InOrStdin())
	if err != nil {
		return nil, err
	}
	if file.IsDeferral() {
		return designSubject(cmd, file.Design(), c, list)
	}
	return protocolOf(cmd.Flags(), file, c, list)
}

// protocolOf is a protocol in C that is no deferral design.
func protocolOf(f *pflag.FlagSet, file *cfront.File, c models.Config, list string) (*subject, error) {
	if err := noConfig(f, c, strings.Join(file.Sources(), ",")); err != nil {
		return nil, err
	}
	s := &subject{name: file.Name(), summary: "a protocol in C", source: strings.Join(file.Sources(), ", ")}
	s.build = func() (*model.Program, []*model.Monitor, error) {
		p, err := file.Program()
		if err != nil {
			return nil, nil, err
		}
		ms, err := monitors(p, list)
		return p, ms, err
	}
	return s, s.widenedBy(file.Widen)
}

// noConfig says which flag is about deferral designs only, but for those that the protocol knows.
func noConfig(f *pflag.FlagSet, c models.Config, name string, knows ...string) error {
	for _, p := range c.Params() {
		if f.Changed(p.Name) && !slices.Contains(knows, p.Name) {
			return fmt.Errorf("--%s is about deferral designs; %s says itself what its CPUs run", p.Name, name)
		}
	}
	return nil
}

// settle finds the ranges of a protocol in C by a search, for those who look at one program for long.
func (s *subject) settle(cmd *cobra.Command, o explore.Options) error {
	if s.widen == nil {
		return nil
	}
	return explore.Widening(s.widen, func() error {
		_, err := explore.Run(cmd.Context(), s.program, s.monitors, o)
		return err
	})
}

func newCHeader() *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "c-header [DIR]",
		Short: "Write the headers for protocols in C to a folder, for gcc and editors",
		Long: "c-header writes <ctcheck.h> and the stand-ins for the kernel's headers to a folder, the current\n" +
			"one if none is named, so that editors and gcc -fsyntax-only -I DIR understand the files. ctcheck\n" +
			"itself needs none of them.",
		Example: "  ctcheck c-header include",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("c-header takes one folder, and %q is a second", args[1])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return writeHeaders(cmd, append(args, ".")[0], force)
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "replace files that are there and differ")
	return cmd
}

// writeHeaders writes all headers. It touches nothing if one is there and differs, unless it may.
func writeHeaders(cmd *cobra.Command, dir string, force bool) error {
	texts := map[string][]byte{}
	for _, name := range cfront.Headers() {
		text, err := cfront.Header(name)
		if err != nil {
			return err
		}
		file := filepath.Join(dir, filepath.FromSlash(name))
		there, err := os.ReadFile(file)
		switch {
		case err == nil && string(there) == string(text):
			continue
		case err == nil && !force:
			return fmt.Errorf("%s is there and differs; --force replaces it, or name another folder", file)
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("the header cannot be written: %w", err)
		}
		texts[file] = text
	}
	for file, text := range texts {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return fmt.Errorf("the header cannot be written: %w", err)
		}
		if err := os.WriteFile(file, text, 0o666); err != nil {
			return fmt.Errorf("the header cannot be written: %w", err)
		}
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%d headers are in %s\n", len(cfront.Headers()), dir)
	return nil
}

// newCHelp is the help on C, which is no command.
func newCHelp() *cobra.Command {
	return &cobra.Command{
		Use:    "c",
		Hidden: true,
		Short:  "What of C is understood, and what is not",
		Long:   strings.TrimSuffix(cfront.Help(), "\n"),
	}
}
