// Command mutate makes one small change at a time to the packages that decide verdicts, and sees whether the tests
// notice: mutation testing (DeMillo, Lipton and Sayward, Hints on test data selection, Computer 11(4), 1978).
//
//	go -C internal/mutate run . [-packages model,ir,...] [-sample N -seed S] [-only TEXT] [-timeout 3m]
//
// A mutant is built through an overlay, so the tree is never changed. It is run against the short tests of the
// package itself and then of every package that depends on it, until one fails or all pass. One that all pass is
// a survivor, unless equivalent.txt says that it cannot be told apart, and why. A mutant that does not compile is
// none. The exit status is 1 if there are survivors, 2 if the call or the list of equivalents is wrong.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// root is the tree that is mutated, from this module.
const root = "../.."

func main() {
	packages := flag.String("packages", "model,ir,machine,states,explore,props", "packages to mutate")
	sample := flag.Int("sample", 0, "how many mutants, chosen by the seed; 0 means all")
	seed := flag.Uint64("seed", 1, "chooses the sample")
	only := flag.String("only", "", "only the mutants whose name has this `TEXT` in it")
	timeout := flag.Duration("timeout", 3*time.Minute, "of one package's tests; a mutant that hangs is killed")
	flag.Parse()
	var survivors int
	all, equivalent, err := mutants(strings.Split(*packages, ","), *only)
	switch {
	case err == nil && flag.NArg() > 0:
		err = fmt.Errorf("%q is no flag", flag.Arg(0))
	case err == nil && len(all) == 0:
		err = fmt.Errorf("no mutant has %q in its name", *only)
	}
	if err == nil {
		if *sample > 0 && *sample < len(all) {
			r := rand.New(rand.NewPCG(*seed, 0))
			r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			all = all[:*sample]
		}
		survivors, err = judge(all, equivalent, *timeout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(2)
	}
	os.Exit(min(survivors, 1))
}

// judge tests the mutants, and prints the survivors and the score.
func judge(all []mutant, equivalent map[string]string, timeout time.Duration) (survivors int, err error) {
	deps, err := dependents()
	if err != nil {
		return 0, err
	}
	if out, err := goRun("test", "-short", "./..."); err != nil {
		return 0, fmt.Errorf("the tests fail without a change:\n%s", out)
	}
	var killed, alike, broken int
	for i, m := range all {
		if equivalent[m.key()] != "" {
			alike++
			continue
		}
		by, err := test(m, deps[filepath.Dir(m.file)], timeout)
		switch {
		case errors.Is(err, errBuild):
			broken++
		case err != nil:
			return 0, err
		case by == "":
			survivors++
			fmt.Printf("%d of %d  SURVIVED  %s\n", i+1, len(all), m.key())
		default:
			killed++
			fmt.Printf("%d of %d  killed    %s, by %s\n", i+1, len(all), m.key(), by)
		}
	}
	judged := killed + survivors
	fmt.Printf("%d mutants: %d killed, %d survived, %d equivalent, %d not built; %.1f percent of %d killed\n",
		len(all), killed, survivors, alike, broken, 100*float64(killed)/max(float64(judged), 1), judged)
	return survivors, nil
}

// mutants is those of the packages, and the reasons why some of them cannot be told apart.
func mutants(packages []string, only string) (all []mutant, equivalent map[string]string, err error) {
	data, err := os.ReadFile("equivalent.txt")
	if err != nil {
		return nil, nil, err
	}
	equivalent = map[string]string{}
	for n, line := range strings.Split(string(data), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, why, _ := strings.Cut(line, "\t")
		if strings.TrimSpace(why) == "" {
			return nil, nil, fmt.Errorf("equivalent.txt:%d: a line is a mutant, a tab, and the reason", n+1)
		}
		equivalent[key] = why
	}
	stale := maps.Clone(equivalent)
	for _, p := range packages {
		paths, err := filepath.Glob(filepath.Join(root, p, "*.go"))
		paths = slices.DeleteFunc(paths, func(path string) bool { return strings.HasSuffix(path, "_test.go") })
		if err != nil || len(paths) == 0 {
			return nil, nil, fmt.Errorf("package %q has no Go files", p)
		}
		for _, path := range paths {
			src, unread := os.ReadFile(path)
			file, err := parser.ParseFile(token.NewFileSet(), path, src, parser.SkipObjectResolution)
			if err := errors.Join(unread, err); err != nil {
				return nil, nil, err
			}
			for _, m := range changes(file, src) {
				m.file = filepath.Join(p, filepath.Base(path))
				delete(stale, m.key())
				if strings.Contains(m.key(), only) {
					all = append(all, m)
				}
			}
		}
		for key := range stale {
			if strings.HasPrefix(key, p+"/") {
				return nil, nil, fmt.Errorf("equivalent.txt has %q, which is no mutant any more; take it out", key)
			}
		}
	}
	return all, equivalent, nil
}

// dependents is, for each package by its folder, the packages whose tests have it in them, the smallest first.
func dependents() (map[string][]string, error) {
	cmd := exec.Command("go", "list", "-test", "-f", "{{.ImportPath}} {{join .Deps \" \"}}", "./...")
	cmd.Dir, cmd.Stderr = root, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(out), "\n")
	slices.SortStableFunc(lines, func(a, b string) int { return len(a) - len(b) })
	on := map[string][]string{}
	for _, line := range lines {
		words := strings.Fields(line)
		if len(words) == 0 || !strings.HasSuffix(words[0], ".test") {
			continue
		}
		self := strings.TrimSuffix(words[0], ".test")
		for _, w := range words[1:] {
			if folder, ok := strings.CutPrefix(w, "ctcheck/"); ok && !slices.Contains(on[folder], self) {
				on[folder] = append(on[folder], self)
			}
		}
	}
	return on, nil
}

var errBuild = errors.New("the mutant does not compile")

// test is the package whose tests notice the mutant, empty if none do.
func test(m mutant, packages []string, timeout time.Duration) (by string, err error) {
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	file, overlay := filepath.Join(dir, "mutant.go"), filepath.Join(dir, "overlay.json")
	original, none := filepath.Abs(filepath.Join(root, m.file))
	text, err := json.Marshal(map[string]map[string]string{"Replace": {original: file}})
	err = errors.Join(none, err, os.WriteFile(file, m.text, 0o600), os.WriteFile(overlay, text, 0o600))
	if err != nil {
		return "", err
	}
	if _, err := goRun("build", "-overlay", overlay, "./"+filepath.Dir(m.file)); err != nil {
		return "", errBuild
	}
	for _, p := range packages {
		_, err := goRun("test", "-overlay", overlay, "-short", "-failfast", "-timeout", timeout.String(), p)
		if err != nil {
			return p, nil
		}
	}
	return "", nil
}

// goRun runs the go command in the tree.
func goRun(args ...string) ([]byte, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	return cmd.CombinedOutput()
}
