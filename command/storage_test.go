package command

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestBadStorage(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if status, out, _ := callMain("-model", "valentin", "--max-states", "100", "--checkpoint", file); status !=
		exitIncomplete || !strings.Contains(out, "checkpoint written to "+file+": resume with --resume "+file) {
		t.Fatalf("status %d\n%s", status, out)
	}
	pruned := filepath.Join(dir, "pruned")
	if status, out, _ := callMain("-model", "valentin", "--props", "none", "--max-states", "100", "--checkpoint",
		pruned); status != exitIncomplete {
		t.Fatalf("status %d\n%s", status, out)
	}
	rows := []badCall{
		{"--store lossy", `--store is "lossy"; it can be exact, bitstate, hash128`, "unknown store"},
		{"--seed 3", `the exact store misses nothing`, "a seed for nothing"},
		{"--store hash128 --seed -1", `invalid argument "-1"`, "no such seed"},
		{"--store hash128 --search dfs --max-depth 9", `goes with --search bfs`, "depth first to a depth"},
		{"--store bitstate --workers 2", `has one worker`, "contradicting flags"},
		{"--store bitstate --checkpoint FILE", `go with --store exact`, "contradicting flags"},
		{"--search dfs --checkpoint FILE", `go with --search bfs`, "depth first"},
		{"--search dfs --resume FILE", `go with --search bfs`, "depth first"},
		{"--checkpoint-every 1m", `goes with --checkpoint`, "no file"},
		{"--checkpoint FILE --checkpoint-every 0s", `must be more than nothing`, "no time"},
		{"--checkpoint=", `need the name of a file`, "no name"},
		{"--resume FILEx", `no such file`, "a missing file"},
		{"--checkpoint FILE/x", `cannot be written`, "a file as a folder"},
		{"--checkpoint DIR/none/x", `there is no folder`, "a missing folder"},
		{"--resume FILE --setters 3 --nmi 1", `setters was 2 and is 3, nmi was 0 and is 1`, "others"},
		{"--resume FILE --props all", `props was default and is all`, "other properties"},
		{"--resume FILE --reduce none", `reduce was symmetry and is none`, "a search that is not reduced"},
		{"--resume PRUNED --max-depth 90", `reduce was por,symmetry and is symmetry`, "which steps to leave out"},
		{"--resume FILE --store hash128", `go with --store exact`, "a lossy store"},
		{"--resume DIR", `is not a checkpoint`, "a folder"},
		{"--resume /dev/null", `is not a checkpoint`, "a device to read"},
		{"--checkpoint /dev/null", `is no file`, "a device to write"},
		{"--resume FILE --max-memory 1MiB --max-depth 1", `more than --max-depth 1`, "two bounds"},
		{"--resume FILE --max-depth 1", `more than --max-depth 1`, "too near a bound"},
		{"--resume storage_test.go", `is not a checkpoint`, "another file"},
		{"--checkpoint storage_test.go", `is no checkpoint`, "another file"},
	}
	for _, row := range rows {
		args := strings.NewReplacer("PRUNED", pruned+" --props none", "FILE", file, "DIR", dir).Replace(row.args)
		row.check(t, append([]string{"-model", "valentin"}, strings.Fields(args)...)...)
	}
}

// A lossy search says INCOMPLETE where the exact one says HOLDS, and what may be missing; a violation
// is one with either.
func TestLossyStores(t *testing.T) {
	for _, store := range []string{"bitstate", "hash128"} {
		args := []string{"--store", store, "--seed", "7", "--max-memory", "64MiB", "-model"}
		status, out, _ := callMain(append(args, "valentin")...)
		if status != exitIncomplete || strings.Contains(strings.ToLower(out), "holds") ||
			!strings.Contains(out, "Estimate for "+store) ||
			!regexp.MustCompile(`terminates +not violated so far, whole runs\n +aside\n`).MatchString(out) ||
			!regexp.MustCompile(`no-warn +not violated so far\n`).MatchString(out) ||
			!strings.Contains(out, "store (lossy) with seed 7") {
			t.Errorf("status %d\n%s", status, out)
		}
		if status, out, _ := callMain(append(args, "peterz")...); status != exitViolated ||
			!strings.Contains(out, "VIOLATED in 17 steps (a shortest run") {
			t.Errorf("status %d\n%s", status, out)
		}
		_, out, _ = callMain(append(args, "valentin", "--format", "json")...)
		var j struct {
			Bound, Store, Verdict string
			Estimate              struct{ Seed, Omitted, Probability float64 }
		}
		if err := json.Unmarshal([]byte(out), &j); err != nil || j.Bound != "store" || j.Store != store ||
			j.Verdict != "incomplete" || j.Estimate.Seed != 7 || j.Estimate.Omitted <= 0 {
			t.Errorf("%v: %+v", err, j)
		}
	}
}

// lasting is a report without what differs from run to run, and without where it went on from.
func lasting(out, resumed string) string {
	line := strings.Join(strings.Fields(out), " ")
	return volatile.ReplaceAllString(strings.Replace(line, "resumed "+resumed+" ", "", 1), "T")
}

// Ctrl-C leaves a checkpoint, from which other processes, of which one is interrupted again, end with the
// report of one that was left alone.
func TestInterruptAndResume(t *testing.T) {
	bin, file := binary(t), filepath.Join(t.TempDir(), "file")
	args := []string{"-model", "valentin", "--setters", "6", "--rounds", "3", "--props", "no-set-in-kernel"}
	whole, err := exec.Command(bin, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	interrupted := func(more ...string) {
		t.Helper()
		os.Remove(file)
		often := []string{"--checkpoint", file, "--checkpoint-every", "20ms"}
		cmd := exec.Command(bin, slices.Concat(args, often, more)...)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for range 3000 { // until the first checkpoint is there, so the search is under way
			if _, err := os.Stat(file); err == nil {
				break
			}
			time.Sleep(time.Millisecond)
		}
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != exitIncomplete || !strings.Contains(out.String(),
			"checkpoint written to "+file+": resume with --resume "+file) {
			t.Fatalf("status %d\n%s", code, out.String())
		}
	}
	interrupted()
	first := file + "1"
	if err := os.Rename(file, first); err != nil {
		t.Fatal(err)
	}
	interrupted("--resume", first, "--workers", "3")
	rest, err := exec.Command(bin, append(args, "--resume", file, "--workers", "1")...).Output()
	if got, want := lasting(string(rest), file), lasting(string(whole), file); err != nil || got != want ||
		!strings.Contains(string(rest), "resumed "+file) {
		t.Errorf("%v: resumed\n%s\nwithout\n%s", err, rest, whole)
	}
}

// A checkpoint is of the build that wrote it, by what is in the executable: two builds that say the same of
// themselves, as those without a version control system do, may be of different sources.
func TestCheckpointOfAnotherBuild(t *testing.T) {
	dir := t.TempDir()
	build := func(name string, flags ...string) string {
		bin := filepath.Join(dir, name)
		args := slices.Concat([]string{"build", "-buildvcs=false", "-o", bin}, flags, []string{"../cmd/ctcheck"})
		if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return bin
	}
	one, other, file := build("one"), build("other", "-ldflags=-X main.other=1 -s"), filepath.Join(dir, "file")
	args := []string{"-model", "valentin"}
	out, err := exec.Command(one, append(args, "--max-states", "100", "--checkpoint", file)...).Output()
	if !strings.Contains(string(out), "checkpoint written") {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, row := range []struct {
		bin    string
		status int
		want   string
	}{{other, exitBadCall, "it is of another build of ctcheck"}, {one, exitHolds, ""}} {
		cmd := exec.Command(row.bin, append(args, "--resume", file)...)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != row.status || !strings.Contains(errs.String(), row.want) {
			t.Errorf("%s: status %d, stderr %q; want %d, %q", row.bin, code, errs.String(), row.status, row.want)
		}
	}
}

// The memory available is the least of what the machine and the control groups have.
func TestAvailableMemory(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := func(n uint64, why string) {
		t.Helper()
		if got := availableMemory(root); got != n {
			t.Errorf("%s: %d, want %d", why, got, n)
		}
	}
	want(0, "nothing is told")
	write("proc/meminfo", "MemTotal:       9000 kB\nMemAvailable:   8000 kB\n")
	want(8000<<10, "the machine")
	write("proc/self/cgroup", "1:memory:/old\n0::/a/b\n")
	write("sys/fs/cgroup/a/b/memory.max", "max\n")
	want(8000<<10, "a group without a limit")
	write("sys/fs/cgroup/a/memory.max", "1000000\n")
	write("sys/fs/cgroup/a/memory.current", "400000\n")
	want(600000, "the group above")
	write("sys/fs/cgroup/memory/old/memory.limit_in_bytes", "500000\n")
	write("sys/fs/cgroup/memory/old/memory.usage_in_bytes", "600000\n")
	want(1, "the first version, used up")
}
