package command

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// Where standard output is closed, a line says that the report is lost, and the exit status still is the verdict's:
// some programs that only want the status leave standard output like that. What is clearly thrown away on purpose
// needs no line.
func TestNoStdout(t *testing.T) {
	bin := binary(t)
	for _, args := range []string{"-model valentin", "list", "--help", "version", "matrix --designs off",
		"completion bash"} {
		status, out, errs := inShell(bin, "exec $BIN "+args+" >&-")
		if status != exitHolds || out != "" || strings.Count(errs, "\n") != 1 ||
			!strings.Contains(errs, "standard output is closed") {
			t.Errorf("ctcheck %s >&-: status %d, stdout %q, stderr %q", args, status, out, errs)
		}
	}
	if status, _, _ := inShell(bin, "exec $BIN -model peterz >&- 2>&-"); status != exitViolated {
		t.Errorf("with both closed: status %d", status)
	}
	file := filepath.Join(t.TempDir(), "file")
	for _, redirected := range []string{">/dev/null", ">/dev/null 2>&1", ">>/dev/null <&-", "1<>" + file,
		">/dev/null 2>&-"} {
		if status, out, errs := inShell(bin, "exec $BIN -model valentin "+redirected); status != exitHolds ||
			out != "" || errs != "" {
			t.Errorf("%s: status %d, stdout %q, stderr %q", redirected, status, out, errs)
		}
	}
}

// With few files to open there is a line or a report, and never a dump of Go's runtime.
func TestFewFiles(t *testing.T) {
	bin, dir := binary(t), t.TempDir()
	said, worked := 0, 0
	for n := 5; n <= 16; n++ { // with less, a C library is not found
		for _, args := range []string{"-model valentin", "matrix --designs off", "list",
			fmt.Sprintf("-model valentin --out %s/r.md --checkpoint %s/c", dir, dir)} {
			status, out, errs := inShell(bin, fmt.Sprintf("ulimit -n %d; exec $BIN %s", n, args))
			switch {
			case complains(status, out, errs, "can be opened (ulimit -n)"),
				complains(status, out, errs, "too many open files"): // those of --out and --checkpoint
				said++
			case status == exitHolds && errs == "":
				worked++
			default:
				t.Errorf("ulimit -n %d; ctcheck %s: status %d, stderr %q", n, args, status, errs)
			}
		}
		if n < 8 { // with more it serves
			status, out, errs := inShell(bin, fmt.Sprintf("ulimit -n %d; exec $BIN explore -model off", n))
			if !complains(status, out, errs, "can be opened (ulimit -n)") {
				t.Errorf("ulimit -n %d; explore: status %d, stdout %q, stderr %q", n, status, out, errs)
			}
		}
	}
	if said == 0 || worked == 0 {
		t.Errorf("%d calls were refused, and %d worked", said, worked)
	}
}

// With few addresses there is a line or a report that names the bound, once Go's runtime has come so far that the
// command could look: what it needs before, it asks for without the command.
func TestFewAddresses(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector needs addresses without end, and this searches for half a minute")
	}
	bin := binary(t)
	said, cut := 0, 0
	const large = "-model valentin --reduce none --setters 6 --rounds 4 --timeout 5s --progress none"
	for kb := 700_000; kb <= 2_500_000; kb += 100_000 {
		calls := []string{"list", "-model valentin --props no-warn"}
		if kb%400_000 == 0 {
			calls = append(calls, large, large+" --search dfs --props no-warn", large+" --store bitstate")
		}
		for _, args := range calls {
			status, out, errs := inShell(bin, fmt.Sprintf("ulimit -v %d; exec $BIN %s", kb, args))
			switch {
			case complains(status, out, errs, "addresses are left (ulimit -v)"):
				said++
			case status == exitHolds && errs == "":
			case status == exitIncomplete && errs == "":
				cut++
			case !strings.HasPrefix(errs, "ctcheck: ") && !strings.Contains(errs, "command.Run("):
				t.Logf("ulimit -v %d: before the command: %.60q", kb, errs)
			default:
				t.Errorf("ulimit -v %d; ctcheck %s: status %d, stderr %.2000s", kb, args, status, errs)
			}
		}
	}
	if said == 0 || cut == 0 {
		t.Errorf("%d calls were refused, and %d were cut", said, cut)
	}
	status, out, errs := inShell(bin, "ulimit -v 2500000; exec $BIN -model valentin --max-memory 2GiB")
	if !complains(status, out, errs, `--max-memory is "2GiB"`) {
		t.Errorf("more than there are: status %d, stdout %q, stderr %q", status, out, errs)
	}
}
