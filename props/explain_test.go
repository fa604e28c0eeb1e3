package props_test

import (
	"testing"

	"ctcheck/deferral"
	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/props"
)

// What a run broke, in a sentence: told from its events, for one request and for several. It is long because there
// are many sentences.
func TestExplain(t *testing.T) {
	p := model.New("p")
	d := deferral.New(p, 3)
	x, y := p.CPU("CPUx"), p.CPU("CPUy")
	d.Target = y
	a, b, c := d.Request(x, 0, nil), d.Request(x, 1, nil), d.Request(x, 0, nil)
	a.Urgent, b.Urgent = true, true
	of := func(k model.EventKind, q *deferral.Request, v int64) ir.Happening {
		return ir.Happening{Event: model.Event{Kind: k, CPU: x, Subject: q}, Value: v}
	}
	begins := func(q *deferral.Request) ir.Happening { return of(deferral.Started, q, 0) }
	told := func(q *deferral.Request, v int64) ir.Happening { return of(deferral.Answered, q, v) }
	over := func(q *deferral.Request) ir.Happening { return of(deferral.Completed, q, 0) }
	shown := func(q *deferral.Request) ir.Happening { return of(deferral.Published, q, 0) }
	ran := func(w int64) ir.Happening {
		return ir.Happening{Event: model.Event{Kind: deferral.Ran, CPU: y, Subject: deferral.ByFlush}, Value: w}
	}
	for _, row := range []struct {
		name    string
		events  []ir.Happening
		catchUp bool
		want    string
	}{
		{"no-double-execution", []ir.Happening{begins(a), ran(0)}, false,
			"WORK_0 ran once for 1 request: by the flush."},
		{"no-double-execution", []ir.Happening{ran(1), ran(1)}, false,
			"WORK_1 ran twice for no requests: each time by the flush."},
		{"no-double-execution", []ir.Happening{begins(a), begins(c), begins(b), ran(0), ran(0), ran(1), ran(0)},
			false,
			"WORK_0 ran 3 times for 2 requests: each time by the flush."},
		{"no-lost-work", []ir.Happening{begins(a), told(a, 1)}, false,
			"CPUx's request for WORK_0, answered true, was never served."},
		{"no-lost-work", []ir.Happening{begins(a), begins(b), told(a, 1), told(b, 0)}, false,
			"CPUx's request for WORK_0, answered true and CPUx's request for WORK_1, answered false, " +
				"were never served."},
		{"no-lost-work", []ir.Happening{begins(a), begins(b), told(a, 1), told(b, 0), ran(0)}, false,
			"CPUx's request for WORK_1, answered false, was never served."},
		{"no-lost-work", []ir.Happening{begins(a), ran(0), shown(a), begins(c), shown(c), ran(0), told(a, 1),
			told(c, 1),
			begins(b), told(b, 0)}, true, "CPUx's request for WORK_1, answered false, was never served."},
		{"no-lost-work", []ir.Happening{begins(a), begins(b), shown(b), ran(0), told(a, 1)}, true,
			"CPUx's request for WORK_0, answered true, was never served."},
		{"no-late-work", []ir.Happening{begins(a), begins(b), told(a, 1), told(b, 0)}, false,
			"CPUy runs kernel code that may need WORK_0 for CPUx, which was promised and has not run."},
		{"no-starved-ipi", []ir.Happening{begins(c), told(c, 0), begins(a), told(a, 0), begins(b), told(b, 0)},
			false,
			"CPUx's urgent request for WORK_0 and CPUx's urgent request for WORK_1 was made and not served, " +
				"CPUy is in user mode, no IPI is pending and no call is under way that could send one."},
		{"terminates", []ir.Happening{begins(a), over(a)}, false,
			"No call returns any more, and CPUy finishes no entry or exit."},
		{"terminates", []ir.Happening{begins(a), begins(b), begins(c), over(b)}, false,
			"No call returns any more, and CPUy finishes no entry or exit; not over: " +
				"CPUx's request for WORK_0 and CPUx's request for WORK_0."},
		{"no-starved-set", []ir.Happening{begins(a), begins(b), begins(c)}, false,
			"CPUx's set_work for WORK_0, CPUx's set_work for WORK_1 and CPUx's set_work for WORK_0 never returns."},
		{"no-needless-ipi", []ir.Happening{told(b, 0)}, false,
			"CPUx is refused WORK_1 and sends an IPI, though CPUy was in user mode during the whole call."},
		{"no-data-race", nil, false, `The claim "no-data-race" does not hold here.`},
		{"my own", nil, false, `The claim "my own" does not hold here.`},
	} {
		d.CatchUp = row.catchUp
		if got := props.Explain(row.name, p, row.events); got != row.want {
			t.Errorf("%s:\n%s, want\n%s", row.name, got, row.want)
		}
	}
	d.Target = nil
	if got := props.ExplainForever("terminates", p,
		nil); got != `What the claim "terminates" waits for never happens.` {
		t.Errorf("without a target there is nothing to tell, got %s", got)
	}
}

// Sentences begin with a capital letter, whatever the CPU is called.
func TestExplainBeginsASentence(t *testing.T) {
	for name, want := range map[string]string{"abc": "Abc", "zoe": "Zoe", "Z": "Z", "`": "`", "{": "{"} {
		p := model.New("p")
		d := deferral.New(p, 1)
		c := p.CPU(name)
		d.Target = c
		q := d.Request(c, 0, nil)
		got := props.Explain("no-starved-set", p, []ir.Happening{{Event: model.Event{Kind: deferral.Started,
			Subject: q}}})
		if want += "'s set_work for WORK_0 never returns."; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A property that speaks of a target is vacuous without one; a general one is not.
func TestSelectWithoutATarget(t *testing.T) {
	p := model.New("p")
	x := p.Plain("x", model.Bool, model.False)
	p.CPU("CPU").Run(p.Routine("r", func(r *model.Routine) { r.WritePlain("x = 1", x, model.True) }))
	if ms, err := props.Select(p, "no-data-race"); err != nil || len(ms) != 1 {
		t.Errorf("no-data-race speaks of every program, got %v", err)
	}
	if _, err := props.Select(p, "nonsense"); err == nil || err.Error() != `no property is called "nonsense"` {
		t.Errorf("nonsense: %v", err)
	}
	for _, row := range []struct{ name, void string }{{"no-lost-work", "the program has no target CPU"},
		{"no-data-race", ""}} {
		if got := props.Void(p, row.name); got != row.void {
			t.Errorf("%s is void: %q, want %q", row.name, got, row.void)
		}
	}
}
