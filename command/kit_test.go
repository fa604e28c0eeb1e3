package command

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// callMain runs the command in this process.
func callMain(args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = Run(context.Background(), Own{}, args, &out, &errs)
	return status, out.String(), signsOfLife.ReplaceAllString(errs.String(), "")
}

// signsOfLife are the lines of --progress plain, which come every ten seconds: whether there are any says how
// busy the machine is. TestPlainLines judges them.
var signsOfLife = regexp.MustCompile(`(?m)^ctcheck: [^:\n]+: ([^\n]*, )?([0-9]+[hms])+(, [0-9]+ % of --[a-z-]+)*\n`)

// A badCall is one that ends with status 2, nothing on standard output, and one line that says why.
type badCall struct{ args, want, why string }

// check makes the call, with the arguments that it stands for.
func (c badCall) check(t *testing.T, args ...string) {
	t.Helper()
	status, out, errs := callMain(args...)
	if status != exitBadCall || out != "" || !strings.Contains(errs, c.want) {
		t.Errorf("ctcheck %s: status %d, stdout %q, stderr %q; want 2, nothing, %q (%s)",
			c.args, status, out, errs, c.want, c.why)
	}
	if strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "ctcheck: ") {
		t.Errorf("ctcheck %s: not one line: %q", c.args, errs)
	}
}

// A goodCall is one that ends with a status, and prints some texts and no error.
type goodCall struct {
	args   string
	status int
	want   []string
	why    string
}

func (c goodCall) check(t *testing.T) {
	t.Helper()
	status, out, errs := callMain(strings.Fields(c.args)...)
	if status != c.status || errs != "" {
		t.Errorf("ctcheck %s: status %d, stderr %q, want %d (%s)", c.args, status, errs, c.status, c.why)
	}
	for _, want := range c.want {
		if !strings.Contains(out, want) {
			t.Errorf("ctcheck %s: no %q (%s) in\n%s", c.args, want, c.why, out)
		}
	}
}

// inShell runs a line of shell, in which $BIN is the command.
func inShell(bin, line string) (status int, stdout, stderr string) {
	cmd := exec.Command("sh", "-c", line)
	cmd.Env = append(os.Environ(), "BIN="+bin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.Run()
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// One line that says what is wrong, and nothing else.
func complains(status int, out, errs, want string) bool {
	return status == exitBadCall && out == "" && strings.HasPrefix(errs, "ctcheck: ") &&
		strings.Count(errs, "\n") == 1 && strings.Contains(errs, want)
}
