package report_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/report"
)

// What interrupts are to a program stands in its reports: in the run, among what is assumed, in the states of
// the page and in the coverage.
func TestInterruptsInReports(t *testing.T) {
	p := model.New("driver")
	x := p.Shared("x", model.UpTo(3), model.Int(0))
	c := p.CPU("CPU0")
	c.OnIRQ("disk", p.Routine("disk_irq", func(r *model.Routine) {
		n := r.LocalOf("n", x)
		r.LocalIRQEnable()
		r.AtomicAddReturn("n = atomic_inc_return(&x)", n, x, model.Int(1))
		r.AtomicAdd("atomic_add(n, &x)", x, n.And(model.Int(0)))
	}), 1)
	c.OnIRQ("net", p.Routine("net_irq", func(r *model.Routine) {
		n := r.LocalOf("n", x)
		r.AtomicAddReturn("n = atomic_inc_return(&x)", n, x, model.Int(1))
		r.AtomicAdd("atomic_add(n, &x)", x, n.And(model.Int(0)))
	}), 1)
	c.Run(p.Routine("main", func(r *model.Routine) {
		flags := r.Local("flags", model.Bool)
		r.LocalIRQSave(flags)
		r.LocalIRQRestore(flags)
	}))
	ms := []*model.Monitor{props.Never("both", x.Eq(model.Int(2))), props.Eventually("comes", x.Eq(model.Int(1)))}
	res, err := explore.Run(t.Context(), p, ms, explore.Options{Search: explore.BreadthFirst, Coverage: true})
	if err != nil {
		t.Fatal(err)
	}
	r := &report.Report{Model: "driver", Program: p, Result: res}
	for _, row := range []struct {
		write func(w io.Writer, rs ...*report.Report) error
		want  []string
	}{
		{report.Text, []string{"IRQ: disk", "| +-- IRQ: net", "CPU0: IRQ: net", "local_irq_save(flags)", "flags = ",
			"or the interrupt of a device"}},
		{report.JSON, []string{`"disk_irq"`, "IRQ: net"}},
		{report.HTML, []string{"net that may still come", `"interrupts"`, " of the interrupt on it, 1"}},
	} {
		var b bytes.Buffer
		if err := row.write(&b, r); err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(b.String()), " ")
		for _, w := range row.want {
			if !strings.Contains(text, w) {
				t.Errorf("nothing says %q:\n%s", w, b.String())
			}
		}
	}
}
