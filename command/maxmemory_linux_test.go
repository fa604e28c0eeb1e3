package command

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	humanize "github.com/dustin/go-humanize"
)

// measureEnv makes this test binary a small process that runs the command in its arguments and writes the
// command's peak memory, in bytes, to the file that the variable names. A child begins with the peak of
// the process that it was forked from, so the tests' own process would measure itself.
const measureEnv = "CTCHECK_MEASURE"

func TestMain(m *testing.M) {
	if file := os.Getenv(measureEnv); file != "" {
		os.Exit(measure(file, os.Args[1:]))
	}
	os.Exit(m.Run())
}

func measure(file string, args []string) (status int) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Run()
	peak := int64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) << 10
	if err := os.WriteFile(file, strconv.AppendInt(nil, peak, 10), 0o600); err != nil {
		panic(err)
	}
	return cmd.ProcessState.ExitCode()
}

// overhead is what the process may need beyond --max-memory: the program itself and Go's runtime, some 11 MiB, and
// the rounding of tables to huge pages. The most that was measured on an idle machine is 19.5 MiB, with other work
// beside it 20.4.
const overhead = 24 << 20

// The bound on memory holds for the process: its peak is no more than the bound and the overhead, and
// the verdict names the bound.
func TestMaxMemoryBoundsTheProcess(t *testing.T) {
	if testing.Short() {
		t.Skip("measures the command as it is built, which the race detector says nothing of, in a minute")
	}
	bin, file := binary(t), filepath.Join(t.TempDir(), "peak")
	const size = "--props no-lost-work --setters 6 --rounds 3 "
	const large = "--reduce none " + size
	for _, row := range []struct{ args, why string }{
		{large + "--max-memory 96MiB", "the table is full, with several workers"},
		{large + "--max-memory 64MiB --workers 1", "and with one"},
		{size + "--max-memory 40MiB --reduce symmetry", "with canonical states"},
		{large + "--max-memory 96MiB --store hash128", "the lossy store that grows"},
		{large + "--max-memory 96MiB --store bitstate", "the lossy store that does not"},
		{large + "--max-memory 48MiB --store bitstate --search dfs", "which needs little beside it"},
		{large + "--max-memory 96MiB --search dfs", "the stack grows with the set"},
		{large + "--max-memory 96MiB --checkpoint " + filepath.Join(t.TempDir(), "file"), "which is saved"},
		{"--reduce none --props terminates --setters 6 --rounds 3 --max-memory 56MiB",
			"the states fit, fair runs do not"},
		{"--setters 5 --rounds 2 --nmi 1 --max-memory 64MiB", "full in the midst of violations, with traces"},
	} {
		cmd := exec.Command(os.Args[0], append([]string{bin, "-model", "valentin"}, strings.Fields(row.args)...)...)
		cmd.Env = append(os.Environ(), measureEnv+"="+file)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		cmd.Run()
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		peak, err := strconv.ParseUint(string(text), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		_, size, _ := strings.Cut(row.args, "--max-memory ")
		bound, err := humanize.ParseBytes(strings.Fields(size)[0])
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: peak %d MiB, status %d", row.args, peak>>20, cmd.ProcessState.ExitCode())
		if peak > bound+overhead || peak < bound/8 {
			t.Errorf("%s: %d MiB of memory (%s)", row.args, peak>>20, row.why)
		}
		cut := regexp.MustCompile(`cut by --max-memory|\(max-memory\)|store is lossy`).MatchString(out.String())
		if code := cmd.ProcessState.ExitCode(); code != exitViolated && (code != exitIncomplete || !cut) {
			t.Errorf("%s: status %d (%s)\n%s", row.args, code, row.why, out.String())
		}
	}
}
