package command

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/report"
)

// broken is the error of a search that meets a fault.
func broken(t *testing.T) error {
	t.Helper()
	p := model.New("broken")
	x := p.Shared("x", model.UpTo(1), model.Int(0))
	p.CPU("CPU0").Run(p.Routine("count", func(r *model.Routine) {
		r.Forever(func() { r.AtomicAdd("atomic_inc(&x)", x, model.Int(1)) })
	}))
	_, err := explore.Run(t.Context(), p, nil, explore.Options{})
	return err
}

// A fault of a design goes with its run to where its report would go, and is said on standard error; otherwise
// that has the run.
func TestFaultsAreTold(t *testing.T) {
	err := broken(t)
	pl := &plan{subject: &subject{name: "broken", summary: "counts too far"}}
	for _, f := range report.Formats() {
		file := filepath.Join(t.TempDir(), "out"+f.Ending)
		pl.outs = []outFile{{file, f}}
		var stdout, stderr bytes.Buffer
		got := pl.tellFault(err, f.Name, &stdout)
		if !errors.Is(got, err) {
			t.Errorf("%s: %v became %v", f.Name, err, got)
		}
		complain(&stderr, got)
		written, _ := os.ReadFile(file)
		const run = "atomic_inc(&x)"
		where := stdout.String()
		if f.Fault == nil {
			where = stderr.String()
			if stdout.Len() > 0 || len(written) > 0 {
				t.Errorf("%s: %q, %q", f.Name, stdout.String(), written)
			}
		} else if stderr.Len() > 300 || string(written) != stdout.String() {
			t.Errorf("%s: on standard error %q, in the file %q", f.Name, stderr.String(), written)
		}
		if f.Name != "html" && !strings.Contains(where, run) ||
			!strings.HasPrefix(stderr.String(), "ctcheck: model broken: CPU0 at ") {
			t.Errorf("%s: no run in %q, or %q", f.Name, where, stderr.String())
		}
		if f.Name == "json" {
			var j struct {
				Verdict, Fault string
				Trace          []any
			}
			if unread := json.Unmarshal(stdout.Bytes(), &j); unread != nil || j.Verdict != "fault" ||
				len(j.Trace) != 2 || !strings.Contains(j.Fault, "x = 2") {
				t.Errorf("%v: %+v", unread, j)
			}
		}
	}
	other := errors.New("another error")
	if got := pl.tellFault(other, "text", &bytes.Buffer{}); got != other {
		t.Errorf("%v became %v", other, got)
	}
}
