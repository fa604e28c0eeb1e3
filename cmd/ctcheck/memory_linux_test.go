package main

import (
	"bytes"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// overhead is what the process may need beyond --max-memory: the program itself and Go's runtime, some
// 10 MiB, and the rounding of tables to huge pages.
const overhead = 24 << 20

// The bound on memory holds for the process: its peak is no more than the bound and the overhead, and
// the verdict names the bound.
func TestMaxMemoryBoundsTheProcess(t *testing.T) {
	bin := binary(t)
	for _, args := range []string{
		"--props no-lost-work --setters 6 --rounds 3 --max-memory 96MiB",
		"--props no-lost-work --setters 6 --rounds 3 --max-memory 64MiB --workers 1",
		"--props no-lost-work --setters 6 --rounds 3 --max-memory 96MiB --store hash128",
		"--props no-lost-work --setters 6 --rounds 3 --max-memory 96MiB --store bitstate",
		"--props no-lost-work --setters 6 --rounds 3 --max-memory 96MiB --search dfs",
		"--props default --setters 5 --rounds 2 --nmi 1 --max-memory 64MiB",
	} {
		cmd := exec.Command(bin, append([]string{"-model", "valentin"}, strings.Fields(args)...)...)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		cmd.Run()
		bound := uint64(96 << 20)
		if strings.Contains(args, "64MiB") {
			bound = 64 << 20
		}
		peak := uint64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) << 10
		t.Logf("%s: peak %d MiB, status %d", args, peak>>20, cmd.ProcessState.ExitCode())
		if peak > bound+overhead {
			t.Errorf("%s: %d MiB of memory", args, peak>>20)
		}
		if code := cmd.ProcessState.ExitCode(); code != exitViolated && (code != exitIncomplete ||
			!strings.Contains(out.String(), "cut by --max-memory")) {
			t.Errorf("%s: status %d\n%s", args, code, out.String())
		}
	}
}
