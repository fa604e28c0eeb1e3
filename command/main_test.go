package command

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ctcheck/models"
	"ctcheck/props"
)

func TestVerdictsAndStatus(t *testing.T) {
	rows := []struct {
		args   string
		status int
		want   string // in the last line
		why    string
	}{
		{"-model peterz", 1, "VIOLATED model=peterz", "the design card's form, one dash"},
		{"--model peterz", 1, "VIOLATED model=peterz", "two dashes"},
		{"-model=peterz -setters=1", 0, "HOLDS model=peterz", "with =, and on every long flag"},
		{"-model valentin", 0, "complete=yes memory=sc", "the seed holds"},
		{"-model valentin --setters 3 --works 2 --rounds 3", 0, "HOLDS", "as the issue asks"},
		{"-model valentin --rounds 0", 0, "HOLDS", "rounds without end are finitely many states"},
		{"-model off", 0, "HOLDS", "every request is an IPI"},
		{"-model valentin --nmi 1", 1, "VIOLATED", "NMIs break the seed"},
		{"-model peterz --nmi 2 --nmi-depth 2", 1, "VIOLATED", "nested NMIs"},
		{"-model valentin --nmi 1 --props none", 0, "properties=no-deadlock ", "deadlock is always checked"},
		{"-model valentin --props no-deadlock", 0, "properties=no-deadlock ", "which is always checked"},
		{"-model valentin --props all", 1, "no-ipi-in-user", "every design has IPIs in user mode"},
		{"-model valentin --props no-warn,no-lost-work", 0, "properties=no-lost-work,no-warn,", "by name"},
		{"-model valentin --self --start body", 0, "HOLDS", "self call from the body"},
		{"-model peterz --search bfs --workers 3", 1, "states=1419 transitions=2753", "three workers, same"},
		{"-model peterz --search dfs", 1, "states=1419 transitions=2753", "depth first, same figures"},
		{"-model valentin --search dfs --max-states 100", 3, "INCOMPLETE", "a bound on states"},
		{"-model valentin --works 1 --setters 3 --reduce none", 0, "states=5275 transitions=11781",
			"nothing is reduced"},
		{"-model valentin --works 1 --setters 3", 0, "states=1269 transitions=2747", "by default, reduced"},
		{"-model bench-valentin --reduce por", 0, "states=324 transitions=499", "fewer orders"},
		{"-model bench-valentin --setters 3 --works 1 --reduce por,symmetry --search dfs", 0,
			"states=595 transitions=1058", "fewer orders, and of CPUs that are alike"},
		{"-model bench-valentin --setters 3 --works 1", 0, "states=595 transitions=1058", "both by default"},
		{"-model valentin --works 1 --setters 3 --reduce symmetry", 0, "states=1269 transitions=2747", "reduced"},
		{"-model valentin --works 1 --setters 3 --reduce default --search dfs", 0,
			"states=1269 transitions=2747", "reduced, depth first"},
		{"-model bench-valentin --setters 7 --works 1 --reduce symmetry", 0, "states=18664 transitions=85196",
			"1/375 of the states"},
		{"-model peterz --coverage", 1, "states=1419 transitions=2753 depth=26", "counted, same figures"},
		{"-model peterz --coverage --search dfs", 1, "states=1419 transitions=2753", "depth first too"},
		{"-model peterz --first", 1, "complete=no", "stops at the first violation"},
		{"-model valentin --max-states 100", 3, "INCOMPLETE", "a bound on states"},
		{"-model valentin --max-depth 5", 3, "INCOMPLETE", "a bound on depth"},
		{"-model valentin --max-depth 1000", 0, "complete=yes", "a bound that cuts nothing"},
		{"-model valentin --setters 4 --rounds 4 --max-memory 1MiB", 3, "INCOMPLETE", "a bound on memory"},
		{"-model peterz --setters 5 --rounds 5 --nmi 2 --timeout 2s", 1, "complete=no", "what was found in time"},
		{"-model valentin --setters 6 --rounds 6 --timeout 10ms", 3, "INCOMPLETE", "a bound on time"},
		{"-model off --setters 1 --start user --rounds 1 --max-states 3", 3, "INCOMPLETE", "claims unreached " +
			"in a bounded search prove nothing"},
	}
	for _, row := range rows {
		status, out, errs := callMain(strings.Fields(row.args)...)
		lines := strings.Split(strings.TrimSpace(out), "\n")
		last := lines[len(lines)-1]
		if status != row.status || !strings.Contains(last, row.want) || errs != "" {
			t.Errorf("ctcheck %s: status %d, last line %q, stderr %q; want %d and %q (%s)",
				row.args, status, last, errs, row.status, row.want, row.why)
		}
		if strings.Contains(last, "HOLDS") && strings.Contains(last, "complete=no") {
			t.Errorf("ctcheck %s: holds, but was cut", row.args)
		}
	}
}

// A table, which is as long as there are mistakes to make.
func TestBadCalls(t *testing.T) {
	rows := []badCall{
		{"", `no model is named; try -model peterz `, "nothing asked"},
		{"-model petrez", `there is no model "petrez"; did you mean peterz?`, "a slip"},
		{"-model valentine", `did you mean valentin or `, "a slip"},
		{"-model zzz", `there are: off, peterz, peterz-retry, `, "nothing is near"},
		{"-model peterz --props no-lots-work", `did you mean no-lost-work or no-late-work?`, "a mistyped property"},
		{"-model peterz --props all,no-warn", `"all" stands alone`, "a set among names"},
		{"-model peterz --props no-warn,no-warn", `given twice`, "a property twice"},
		{"-model peterz --props no-warn,", `a name is empty`, "a comma too many"},
		{"-model peterz --modle x", `there is no flag --modle; did you mean --model?`, "a mistyped flag"},
		{"-modle peterz", `there is no flag --modle; did you mean --model?`, "with one dash"},
		{"-model peterz --setters 0", `setters is 0; it can be 1 to 8`, "out of range"},
		{"-model peterz --setters 9", `setters is 9; it can be 1 to 8`, "out of range"},
		{"-model peterz --setters two", `invalid argument "two" for "--setters" flag`, "not a number"},
		{"-model peterz --rounds -1", `rounds is -1`, "out of range"},
		{"-model peterz --nmi-depth 2", `only 0 NMIs; raise nmi`, "contradicting flags"},
		{"-model peterz --start idle", `start is "idle"; it can be "user" or "body"`, "unknown place"},
		{"-model peterz --search dijkstra", `--search is "dijkstra"; it can be dfs or bfs`, "unknown search"},
		{"-model peterz --workers 0", `--workers is 0; it can be 1 to 64`, "nobody to search"},
		{"-model peterz --search dfs --workers 2", `a depth-first search has one worker`, "contradicting flags"},
		{"-model peterz --reduce symetry", `there is no reduction "symetry"; did you mean symmetry?`, "a slip"},
		{"-model peterz --reduce por", `no-lost-work is a claim on whole runs; leave por out`, "not sound"},
		{"-model peterz --props no-warn --reduce symmetry,por --max-depth 9", `depth`, "not the same runs"},
		{"-model peterz --props no-warn --reduce por --first", `nearest`, "not the nearest violation"},
		{"-model peterz --reduce por,por", `"por" is given twice`, "a reduction twice"},
		{"-model peterz --reduce none,symmetry", `"none" stands alone`, "contradicting names"},
		{"-model peterz --reduce symmetry,symmetry", `"symmetry" is given twice`, "a reduction twice"},
		{"-model peterz --reduce symmetry,", `there is no reduction ""`, "a comma too many"},
		{"-model peterz --width 39", "--width is 39; it can be 40 to 400", "too narrow"},
		{"-model peterz --color sometimes", `--color is "sometimes"; it can be auto, always or never`,
			"a wrong word"},
		{"-model peterz --progress bar", `--progress is "bar"; it can be auto, plain or none`, "a wrong word"},
		{"matrix --progress bar", `--progress is "bar"`, "a wrong word"},
		{"weaken -model peterz --progress bar", `--progress is "bar"`, "a wrong word"},
		{"findings --progress bar", `--progress is "bar"`, "a wrong word"},
		{"-model peterz --coverage --workers 2", "--workers goes without --coverage", "one worker"},
		{"-model peterz --coverage --store bitstate", "--coverage goes with --store exact", "a lossy store"},
		{"-model peterz --coverage --checkpoint x", "go without --coverage", "a checkpoint"},
		{"-model peterz --format xml", `--format is "xml"; it can be text, json, html, md, mmd, dot, states, ` +
			`junit or sarif`,
			"unknown format"},
		{"-model peterz --out r.pdf", `--out is "r.pdf"; the format follows the ending, which can be .txt, .json`,
			"unknown ending"},
		{"-model peterz --out r", `--out is "r"; the format follows`, "no ending"},
		{"-model peterz --out /nowhere/r.md", `cannot be written: there is no folder "/`, "no such folder"},
		{"-model peterz --out /dev/r.md/r.md", `cannot be written: there is no folder "/`, "no such folder"},
		{"-model peterz --out /proc/r.md", `"/proc/r.md" cannot be written: `, "a folder that takes no files"},
		{"-model peterz --out no-such.md --out ./no-such.md", `"./no-such.md" is given twice`, "a file twice"},
		{"version extra", `version takes no such argument: "extra"`, "a word too many"},
		{"version --version", `did you mean ctcheck version?`, "a flag that is a command"},
		{"-model peterz --max-states 0", `--max-states is 0; it must be at least 1`, "an empty bound"},
		{"-model peterz --max-depth -3", `--max-depth is -3; it must be at least 1`, "a negative bound"},
		{"-model peterz --max-memory lots", `--max-memory is "lots"`, "not a size"},
		{"-model peterz --max-memory 12", `at least 1MiB`, "too little to begin"},
		{"-model peterz --timeout 0s", `--timeout is 0s; it must be more than nothing`, "no time at all"},
		{"-model peterz --timeout soon", `invalid argument "soon"`, "not a time"},
		{"-model", `flag needs an argument`, "nothing after the flag"},
		{"peterz", `"peterz" is neither a flag nor a command`, "the model as a word"},
		{"lst", `"lst" is neither a flag nor a command; did you mean list?`, "a mistyped command"},
		{"list extra", `list takes no such argument: "extra"`, "a word too many"},
		{"--version", `there is no flag --version; did you mean ctcheck version?`, "a flag that is a command"},
		{"-version", `did you mean ctcheck version?`, "with one dash"},
		{"completion tcsh", `there is no completion for "tcsh"; there are: bash, fish, powershell, zsh`, "unknown"},
		{"completion bsh", `did you mean bash or zsh?`, "a slip"},
		{"completion bash extra", `bash takes no such argument: "extra"`, "a word too many"},
		{"help nosuch", `there is no command "nosuch"; there are: c-header, completion, diff, explore, `,
			"no such command"},
		{"help matrx", `did you mean matrix?`, "a slip"},
		{"help completion tcsh", `there is no command "tcsh"; there are: bash, fish`, "no shell's"},
		{"help matrix extra", `there is no help on "matrix extra"; see ctcheck help matrix`, "a word too many"},
		{"-model peterz --out .html", `--out is ".html", which has no name before the ending`, "an ending alone"},
		{"-model peterz --out ./.md", `which has no name before the ending`, "in a folder"},
	}
	for _, row := range rows {
		row.check(t, strings.Fields(row.args)...)
	}
}

func TestList(t *testing.T) {
	_, out, _ := callMain("list")
	for _, d := range models.All() {
		if !strings.Contains(out, d.Name) || !strings.Contains(out, d.Summary) || !strings.Contains(out, d.Source) {
			t.Errorf("list does not tell of %s", d.Name)
		}
	}
	_, out, _ = callMain("list", "-props")
	for _, p := range props.All() {
		if !strings.Contains(out, p.Name) || !strings.Contains(out, p.Doc) {
			t.Errorf("list --props does not tell of %s", p.Name)
		}
	}
}

func TestJSONNamesTheConfiguration(t *testing.T) {
	status, out, _ := callMain("-model", "valentin", "--setters", "3", "--self", "--format", "json")
	var j struct {
		Config  map[string]any
		Verdict string
	}
	if err := json.Unmarshal([]byte(out), &j); err != nil {
		t.Fatal(err)
	}
	if status != 0 || j.Verdict != "holds" || j.Config["setters"] != 3.0 || j.Config["self"] != true ||
		j.Config["nmi-depth"] != 1.0 || j.Config["start"] != "user" ||
		j.Config["context"] != "user" || j.Config["active"] != true ||
		j.Config["bits-per-request"] != 1.0 || j.Config["urgent"] != 0.0 || len(j.Config) != 12 {
		t.Errorf("status %d, %+v", status, j)
	}
}

func TestHelp(t *testing.T) {
	status, out, _ := callMain("-help")
	if status != 0 || !strings.Contains(out, "ctcheck -model peterz") || !strings.Contains(out, "--nmi-depth") {
		t.Errorf("status %d:\n%s", status, out)
	}
}

// binary builds the command, for what only a process can show.
func binary(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "ctcheck")
	if out, err := exec.Command("go", "build", "-o", bin, "../cmd/ctcheck").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return bin
}

// A reader that goes away must not look like a verdict.
func TestClosedStdout(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	cmd := exec.Command(binary(t), "-model", "valentin")
	var errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = w, &errs
	err = cmd.Run()
	w.Close()
	if code := cmd.ProcessState.ExitCode(); err == nil || code != exitBadCall ||
		!strings.Contains(errs.String(), "could not be written") || strings.Count(errs.String(), "\n") != 1 {
		t.Errorf("status %d, stderr %q", code, errs.String())
	}
}

// A help text that cannot be written is an error too.
func TestFullDisk(t *testing.T) {
	bin := binary(t)
	for _, args := range []string{"-model valentin", "-model valentin --format json", "list", "--help",
		"list --help"} {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(bin, strings.Fields(args)...)
		var errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = full, &errs
		cmd.Run()
		full.Close()
		if code := cmd.ProcessState.ExitCode(); code != exitBadCall || strings.Count(errs.String(), "\n") != 1 {
			t.Errorf("ctcheck %s >/dev/full: status %d, stderr %q", args, code, errs.String())
		}
	}
}

// Ctrl-C, a terminal that goes away and a kill end the search in order: what is known so far, and no "holds".
func TestInterrupt(t *testing.T) {
	bin := binary(t)
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		cmd := exec.Command(bin, "-model", "valentin", "--setters", "8", "--works", "8", "--rounds", "64",
			"--progress", "none")
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// The search needs longer than any test; only if the signal comes before the handler is set up
		// would the process die of it, so the first second is left to it.
		time.Sleep(time.Second)
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != exitIncomplete ||
			!strings.Contains(out.String(), "INCOMPLETE") || !strings.Contains(out.String(), "interrupted") ||
			strings.Contains(strings.ToLower(out.String()), "holds") || errs.Len() > 0 {
			t.Errorf("%s: status %d\n%s\n%s", sig, code, out.String(), errs.String())
		}
	}
}

// Under nohup the search goes on when the terminal goes away.
func TestNohup(t *testing.T) {
	const line = "trap '' HUP; $BIN -model valentin --setters 6 --rounds 3 --props no-set-in-kernel " +
		"--progress none & sleep 0.3; kill -HUP $!; wait $!"
	if status, out, errs := inShell(binary(t), line); status != exitHolds || !strings.Contains(out, "HOLDS") {
		t.Errorf("status %d\n%s\n%s", status, out, errs)
	}
}

// A bound that cuts the search for fair runs leaves no claim on states open.
func TestStatesAreDecidedBeforeFairRuns(t *testing.T) {
	goodCall{"-model valentin --setters 5 --rounds 3 --workers 2 --max-memory 16MiB", exitIncomplete, []string{
		"  no-late-work                                 holds\n",
		"  no-deadlock                                  holds\n",
		"  no-lost-work                                 not violated so far\n",
		"  terminates                                   not violated so far\n",
		"Every state was visited, but", "(max-memory)", "ctcheck: INCOMPLETE", "complete=no"},
		"the states fit, fair runs do not"}.check(t)
}
