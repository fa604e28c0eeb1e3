package command

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// This file makes a module for protocols of one's own.

//go:embed start
var start embed.FS

// startFiles is what a new module has beside go.mod and go.sum, by the names in the folder start.
var startFiles = map[string]string{
	"main.go.txt":          "main.go",
	"protocol.go.txt":      "protocol.go",
	"protocol_test.go.txt": "protocol_test.go",
	"ctcheck.yml.txt":      ".github/workflows/ctcheck.yml",
}

func newInit() *cobra.Command {
	var source string
	cmd := &cobra.Command{
		Use:   "init DIR [flags]",
		Short: "Write a Go module for protocols of your own, with one to start from",
		Long: "init writes a module to a folder: a ticket lock as a protocol to start from, its tests, a main\n" +
			"that is all of ctcheck with this protocol in it, and a workflow for GitHub that uploads SARIF\n" +
			"and JUnit. The folder must be new or empty.\n\n" +
			"The module finds ctcheck by a replace directive in its go.mod, which names the clone that this\n" +
			"command was built from, unless --ctcheck names another.",
		Example: "  ctcheck init mylock",
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0 || args[0] == "":
				return errors.New("init needs a folder to write to, as in ctcheck init mylock")
			case len(args) > 1:
				return fmt.Errorf("init takes one folder, and %q is a second", args[1])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := writeModule(args[0], source); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s has a protocol to start from. Next:\n\n  cd %[1]s\n"+
				"  go test ./...\n  go run . -model ticket-lock\n", quote(args[0]))
			return err
		},
	}
	cmd.Flags().StringVar(&source, "ctcheck", "", "clone of ctcheck to use, a `DIR`")
	must(cmd.MarkFlagDirname("ctcheck"))
	return cmd
}

// writeModule writes the module, to a folder in which there is nothing yet.
func writeModule(dir, source string) error {
	source, err := cloneOf(source)
	if err != nil {
		return err
	}
	there, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("init %s: %w; name a folder that is new or empty", dir, because(err))
	}
	if len(there) > 0 {
		return fmt.Errorf("init %s: the folder is not empty, it has %s; name another", dir, there[0].Name())
	}
	texts, err := moduleTexts(dir, source)
	if err != nil {
		return err
	}
	for name, text := range texts {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return fmt.Errorf("init %s: the folder cannot be made: %w", dir, because(err))
		}
		if err := os.WriteFile(file, text, 0o666); err != nil {
			return fmt.Errorf("init %s: %s cannot be written: %w", dir, name, because(err))
		}
	}
	return nil
}

// moduleTexts is the files of a new module, by their paths in it.
func moduleTexts(dir, source string) (map[string][]byte, error) {
	texts := map[string][]byte{}
	for from, to := range startFiles {
		text, err := start.ReadFile("start/" + from)
		if err != nil {
			return nil, err
		}
		texts[to] = text
	}
	// What ctcheck needs, at the versions that it was tested with: so nothing is to be resolved or downloaded anew.
	mod, err := os.ReadFile(filepath.Join(source, "go.mod"))
	if err != nil {
		return nil, fmt.Errorf("the go.mod of ctcheck cannot be read: %w", err)
	}
	if texts["go.sum"], err = os.ReadFile(filepath.Join(source, "go.sum")); err != nil {
		return nil, fmt.Errorf("the go.sum of ctcheck cannot be read: %w", err)
	}
	texts["go.mod"] = goMod(moduleName(dir), source, string(mod))
	return texts, nil
}

// goMod is the go.mod of a module that needs ctcheck, and through it what ctcheck needs.
func goMod(name, source, its string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "module %s\n\n", name)
	fmt.Fprintf(&b, "%s\n\nrequire ctcheck v0.0.0\n\n", regexp.MustCompile(`(?m)^go .*$`).FindString(its))
	fmt.Fprintf(&b, "// ctcheck has no public home: this is where it is here.\nreplace ctcheck => %s\n\n"+
		"require (\n", quoted(source))
	for _, m := range slices.Sorted(slices.Values(regexp.MustCompile(`(?m)^\t\S+ v\S+`).FindAllString(its, -1))) {
		fmt.Fprintf(&b, "%s // indirect\n", m)
	}
	b.WriteString(")\n")
	return []byte(b.String())
}

// quoted is a path as go.mod has it.
func quoted(path string) string {
	if strings.ContainsAny(path, " \t\"'`,()[]{}") || strings.Contains(path, "//") {
		return fmt.Sprintf("%q", path)
	}
	return path
}

// moduleName is the path of the module in a folder: the folder's name, if it can be one.
func moduleName(dir string) string {
	abs, err := filepath.Abs(dir)
	name := filepath.Base(abs)
	if err != nil || !regexp.MustCompile(`^[a-z][a-z0-9_-]*$`).MatchString(name) || name == "ctcheck" {
		return "protocol"
	}
	return name
}

// cloneOf is the folder of ctcheck's own module: the given one, or that which this command was built from.
func cloneOf(dir string) (string, error) {
	given := dir != ""
	if !given {
		_, file, _, _ := runtime.Caller(0)
		dir = filepath.Dir(filepath.Dir(file))
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("--ctcheck %s: %w", dir, err)
	}
	mod, err := os.ReadFile(filepath.Join(abs, "go.mod"))
	switch is := regexp.MustCompile(`(?m)^module ctcheck$`).Match(mod); {
	case err == nil && is:
		return abs, nil
	case given:
		return "", fmt.Errorf("--ctcheck %s: there is no clone of ctcheck; name the folder with its go.mod", dir)
	}
	return "", errors.New("the clone that this command was built from is not there; name one with --ctcheck DIR")
}

// because is an error without the path that the sentence has already.
func because(err error) error {
	if path := (&fs.PathError{}); errors.As(err, &path) {
		return path.Err
	}
	return err
}
