// Command mutate makes one small change at a time to the packages that decide verdicts, and sees whether the tests
// notice: mutation testing (DeMillo, Lipton and Sayward, Hints on test data selection, Computer 11(4), 1978).
//
//	go -C internal/mutate run . [-packages model,ir,...] [-sample N -seed S] [-only TEXT] [-again FILE] [-most 1h]
//
// All mutants are compiled into the tests, each behind a question whether it is on (Untch, Offutt and Harrold,
// Mutation analysis using mutant schemata, ISSTA 1993), through an overlay: the tree is never changed. Each short
// test is first run without a mutant, which tells how long it takes and which mutants would make a difference to
// it. A mutant is run against those tests, the quickest first, until one fails or takes four seconds more than five
// times as long. One that none notices survives. equivalent.txt has those that cannot be told apart or compiled,
// and why. The exit status is 1 if there are survivors, 2 if the call or the list of equivalents is wrong.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

var (
	packages = flag.String("packages", "model,ir,machine,states,param,explore,props", "packages to mutate")
	sample   = flag.Int("sample", 0, "how many mutants, chosen by the seed; 0 means all")
	seed     = flag.Uint64("seed", 1, "chooses the sample")
	only     = flag.String("only", "", "only the mutants whose name has this `TEXT` in it")
	again    = flag.String("again", "", "only the mutants that survived a run whose output is `FILE`")
	most     = flag.Duration("most", time.Hour, "leave out tests that take more time of a CPU")
	root, _  = filepath.Abs("../..")
)

// A source is a file that is mutated.
type source struct {
	path    string // from the root
	file    *ast.File
	text    []byte
	mutants []*mutant
}

// A test is one of a package's.
type test struct {
	name, dir string
	cpu, wall time.Duration // that it takes
	marks     []byte
}

func main() {
	flag.Parse()
	dir, err := os.MkdirTemp("", "mutate")
	all, files, wrong := mutants()
	survivors := 0
	if err = errors.Join(err, wrong); err == nil {
		survivors, err = judge(dir, all, files)
	}
	if err = errors.Join(err, os.RemoveAll(dir)); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(2)
	}
	os.Exit(min(survivors, 1))
}

// mutants is the chosen ones, and the files that they are in.
func mutants() (all []*mutant, files []*source, err error) {
	data, err := os.ReadFile("equivalent.txt")
	equivalent, names := map[string]bool{}, map[string]bool{}
	for _, line := range strings.Split(string(data), "\n") {
		if key, why, _ := strings.Cut(line, "\t"); line != "" && line[0] != '#' {
			if equivalent[key] = true; why == "" {
				err = fmt.Errorf("equivalent.txt: %q has no tab and reason", line)
			}
		}
	}
	earlier, err := survived(err)
	for _, p := range strings.Split(*packages, ",") {
		paths, _ := filepath.Glob(filepath.Join(root, p, "*.go"))
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			text, unread := os.ReadFile(path)
			file, wrong := parser.ParseFile(token.NewFileSet(), path, text, parser.SkipObjectResolution)
			if err = errors.Join(err, unread, wrong); err != nil {
				return nil, nil, err
			}
			f := &source{filepath.Join(p, filepath.Base(path)), file, text, nil}
			f.changes()
			files = append(files, f)
			for _, m := range f.mutants {
				if names[m.key] = true; strings.Contains(m.key, *only) && (*again == "" || earlier[m.key]) {
					all = append(all, m)
				}
			}
		}
		for key := range equivalent {
			if strings.HasPrefix(key, p+"/") && !names[key] {
				err = fmt.Errorf("equivalent.txt has %q, which is no mutant any more; take it out", key)
			}
		}
	}
	if *sample > 0 && *sample < len(all) {
		r := rand.New(rand.NewPCG(*seed, 0))
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		all = all[:*sample]
	}
	if len(all) == 0 || flag.NArg() > 0 {
		err = cmp.Or(err, fmt.Errorf("no mutant has %q in its name, or %q is no flag", *only, flag.Args()))
	}
	for i, m := range all {
		if m.id = i + 1; equivalent[m.key] {
			m.id, m.by = 0, "equivalent"
		}
	}
	return all, files, err
}

// survived is the mutants that survived an earlier run, with the error so far or that of reading its output.
func survived(err error) (map[string]bool, error) {
	keys := map[string]bool{}
	if *again == "" {
		return keys, err
	}
	data, unread := os.ReadFile(*again)
	for line := range strings.Lines(string(data)) {
		if key, is := strings.CutPrefix(line, "SURVIVED\t"); is {
			keys[strings.TrimSuffix(key, "\n")] = true
		}
	}
	return keys, errors.Join(err, unread)
}

// judge tests the mutants, and prints who noticed them, and the score.
func judge(dir string, all []*mutant, files []*source) (survivors int, err error) {
	tests, err := build(dir, files)
	if err != nil {
		return 0, err
	}
	each(tests, func(t *test) {
		marks, begin := filepath.Join(dir, t.name+filepath.Base(t.dir)), time.Now()
		err := os.WriteFile(marks, make([]byte, 1<<16), 0o600)
		out, cpu, failed := t.run(dir, marks, min(2*time.Minute, 5**most))
		if t.cpu, t.wall = cpu, time.Since(begin); errors.Join(err, failed) == nil && cpu <= *most {
			t.marks, failed = os.ReadFile(marks)
		}
		if t.marks == nil {
			fmt.Printf("left out: %s %s, %v: %v %.300s\n", t.dir, t.name, cpu, errors.Join(err, failed), out)
		}
	})
	tests = slices.DeleteFunc(tests, func(t *test) bool { return t.marks == nil })
	slices.SortFunc(tests, func(a, b *test) int { return cmp.Compare(a.cpu, b.cpu) })
	var killers sync.Map // by function, the test that noticed the last one
	each(all, func(m *mutant) {
		in, _, _ := strings.Cut(m.key, ":")
		last, _ := killers.LoadOrStore(in, tests[0])
		for _, t := range append([]*test{last.(*test)}, tests...) {
			if m.by == "" && t.marks[m.id] != 0 {
				if _, _, err := t.run(dir, strconv.Itoa(m.id), 5*t.wall+4*time.Second); err != nil {
					m.by = filepath.Base(t.dir) + " " + t.name
					killers.Store(in, t)
				}
			}
		}
		fmt.Printf("%s\t%s\n", cmp.Or(m.by, "SURVIVED"), m.key)
	})
	count := map[string]int{}
	for _, m := range all {
		count[m.by]++
	}
	tried := len(all) - count["equivalent"]
	fmt.Printf("%d mutants, %d equivalent, %d survived: %.1f percent of %d killed\n", len(all), count["equivalent"],
		count[""], 100-100*float64(count[""])/max(float64(tried), 1), tried)
	return count[""], nil
}

// build builds the tests with the mutants in them, and lists them. Those of internal/house look at the source.
func build(dir string, files []*source) (tests []*test, err error) {
	mutants, err := filepath.Abs("mutant/mutant.go")
	replace := map[string]string{filepath.Join(root, "internal/mutant/mutant.go"): mutants}
	for _, f := range files {
		schema := filepath.Join(dir, strings.ReplaceAll(f.path, "/", "_"))
		err = errors.Join(err, os.WriteFile(schema, f.schema(), 0o600))
		replace[filepath.Join(root, f.path)] = schema
	}
	overlay, _ := json.Marshal(map[string]any{"Replace": replace})
	name := filepath.Join(dir, "overlay")
	err = errors.Join(err, os.WriteFile(name, overlay, 0o600), os.Setenv("GOFLAGS", "-vet=off -overlay="+name))
	out, _, broken := run(root, "", time.Hour, "go", "test", "-c", "-gcflags=ctcheck/...=-e", "-o", dir+"/",
		"./...")
	list, _, worse := run(root, "", time.Hour, "go", "list", "-f", "{{.Dir}}", "./...")
	if err = errors.Join(err, broken, worse); err != nil {
		return nil, fmt.Errorf("the tests do not compile: %w\n%s", err, out)
	}
	for _, home := range strings.Fields(list) {
		bin := filepath.Join(dir, filepath.Base(home)+".test")
		if _, none := os.Stat(bin); none == nil && filepath.Base(home) != "house" {
			names, _, failed := run(home, "", time.Hour, bin, "-test.list", "^[TEF]")
			for _, name := range strings.Fields(names) {
				tests = append(tests, &test{name: name, dir: home})
			}
			err = errors.Join(err, failed)
		}
	}
	return tests, err
}

// run runs the test with MUTANT in the environment.
func (t *test) run(dir, mutant string, limit time.Duration) (string, time.Duration, error) {
	bin := filepath.Join(dir, filepath.Base(t.dir)+".test")
	return run(t.dir, mutant, limit, bin, "-test.short", "-test.failfast", "-test.run", "^"+t.name+"$")
}

func run(dir, mutant string, limit time.Duration, args ...string) (string, time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, append(os.Environ(), "MUTANT="+mutant), time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // to end what it started, too
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	out, err := cmd.CombinedOutput()
	return string(out), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), err
}

// each calls a function for all, on every CPU.
func each[T any](all []T, f func(T)) {
	work, done := make(chan T), sync.WaitGroup{}
	for range runtime.NumCPU() {
		done.Go(func() {
			for x := range work {
				f(x)
			}
		})
	}
	for _, x := range all {
		work <- x
	}
	close(work)
	done.Wait()
}
