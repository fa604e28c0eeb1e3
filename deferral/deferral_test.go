package deferral

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"ctcheck/internal/testkit"
	"ctcheck/model"
)

func TestOf(t *testing.T) {
	p := model.New("p")
	if Of(p) != nil {
		t.Error("a program defers nothing until somebody says so")
	}
	if d := New(p, 2); Of(p) != d || d.Works != 2 {
		t.Errorf("Of is %v, want what New made", Of(p))
	}
	New(p, 1)
	testkit.Mentions(t, fmt.Sprint(p.Faults()), "what was said of the first would be lost", "deferral_test.go:",
		"Deferral already", "one domain")
	p.Domain = "something else"
	if Of(p) != nil {
		t.Error("another package's domain is none of ours")
	}
}

// Requests are numbered, and only for bits that there are: nothing would judge the others.
func TestRequest(t *testing.T) {
	p := model.New("p")
	c, d := p.CPU("CPUx"), New(p, 2)
	a, b := d.Request(c, 1, nil), d.Request(c, 0, nil)
	if a.Index != 0 || b.Index != 1 || len(d.Requests) != 2 || a.Work != 1 || b.CPU != c {
		t.Errorf("requests %+v, %+v", a, b)
	}
	for _, work := range []int{-1, 2} {
		p, c := model.New("p"), c
		New(p, 2).Request(c, work, nil)
		testkit.Mentions(t, fmt.Sprint(p.Faults()), "who, what, and the cure", "deferral_test.go:", "request 1",
			"CPUx", fmt.Sprint("work bit ", work), "has 2", "New")
	}
}

// What a request and a callback are as statements, each at the line of the protocol that says so.
func TestStatements(t *testing.T) {
	p := model.New("p")
	d := New(p, 1)
	q := d.Request(p.CPU("CPUx"), 0, nil)
	r := p.Routine("r", func(r *model.Routine) {
		q.Start(r)
		q.Publish(r)
		q.Answer(r, model.True)
		q.Complete(r)
		d.RunWork(r, "flush()", r.Param("work", model.UpTo(3)), ByIPI)
	})
	var got []string
	for _, s := range r.Body {
		var text strings.Builder
		text.WriteString(fmt.Sprint(s.Line-r.Body[0].Line, " ", s.Label, s.Event))
		if s.Opens {
			text.WriteString(" opens")
		}
		if s.Subject == q {
			text.WriteString(" of q")
		} else if s.Subject != nil {
			text.WriteString(fmt.Sprint(" by ", s.Subject))
		}
		for _, n := range []*model.Node{s.Arg, s.Cond} {
			if n != nil {
				text.WriteString(fmt.Sprint(" ", n))
			}
		}
		got = append(got, text.String())
		if filepath.Base(s.File) != "deferral_test.go" {
			t.Errorf("%s is said to be in %s; that is not the protocol", text.String(), s.File)
		}
	}
	want := []string{"0 started opens of q", "1 published of q", "2 answered of q 1", "3 completed of q",
		"4 flush()", `4 "flush()" runs a work bit that the program does not have; it has 1 0 <= work && work < 1`,
		"4 ran by IPI work"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// Events in words: for scripts, and under the steps of a trace.
func TestWords(t *testing.T) {
	q := &Request{Index: 1, Work: 3}
	line := &model.IPI{Name: "csd of request 2"}
	for _, row := range []struct {
		ev              model.Event
		value           int64
		text, note, why string
	}{
		{model.Event{Kind: Started, Subject: q}, 0, "started request=2 work=3", "", "who begins"},
		{model.Event{Kind: Completed, Subject: q}, 0, "completed request=2 work=3", "", "likewise"},
		{model.Event{Kind: Answered, Subject: q}, 1, "answered request=2 work=3 answer=true",
			"=> true: WORK_3 is deferred", "no IPI"},
		{model.Event{Kind: Answered, Subject: q}, 0, "answered request=2 work=3 answer=false",
			"=> false: WORK_3 needs an IPI", "an IPI"},
		{model.Event{Kind: Ran, Subject: ByLocalCall}, 2, "ran work=2 by=local-call",
			"=> WORK_2 runs, by the local call", "one word for scripts"},
		{model.Event{Kind: IPIInUser, IPI: line}, 0, "", "forced by the IPI: csd of request 2",
			"the IPI is written as for any event"},
		{model.Event{Kind: Flushed}, 0, "", "", "the kind says all"},
		{model.Event{Kind: Published, Subject: q}, 0, "", "", "likewise"},
		{model.Event{Kind: Started}, 0, "", "", "of no request that is known"},
		{model.Event{Kind: model.Sent, IPI: line}, 0, "", "", "not of this package"},
	} {
		if text, note := Text(row.ev, row.value), Note(row.ev, row.value); text != row.text || note != row.note {
			t.Errorf("%s: %q and %q, want %q and %q: %s", row.ev.Kind, text, note, row.text, row.note, row.why)
		}
	}
}

// Names for reports: none is missing and no two are alike.
func TestNames(t *testing.T) {
	seen := map[string]bool{}
	kinds := []model.EventKind{Started, Answered, Completed, Published, LeftUser, Flushed, EnteredUser, IPIInUser,
		Ran, model.FrameEntered, model.Pushed, model.Popped, model.Sent, model.Warned}
	for _, k := range kinds {
		seen[string(k)] = true
	}
	for o := ByFlush; o <= ByLocalCall; o++ {
		seen[o.String()] = true
	}
	if len(seen) != len(kinds)+3 || seen[""] {
		t.Errorf("%d names: %v", len(seen), seen)
	}
}
