package diff

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
	"ctcheck/report"
	"ctcheck/survey"
	"ctcheck/verdict"
)

// between is the diff of two designs in the given configurations, by their properties of the
// default set.
func between(t *testing.T, ctx context.Context, mm model.MemoryModel, a, b string,
	configs []models.NamedConfig) *Diff {
	t.Helper()
	d := &Diff{Names: [2]string{a, b}, Memory: mm}
	for _, c := range configs {
		p := &Pair{Key: c.Key, Flags: survey.Flags(c.Config)}
		for i, name := range d.Names {
			design, _ := models.Find(name)
			p.Sides[i] = &Side{Build: func() (*model.Program, []*model.Monitor, error) {
				prog, err := design.Program(c.Config)
				if err != nil {
					return nil, nil, err
				}
				names := slices.DeleteFunc(survey.DefaultProps(), func(n string) bool {
					return props.Void(prog,
						n) != ""
				})
				ms, err := props.Select(prog, names...)
				return prog, ms, err
			}}
		}
		d.Pairs = append(d.Pairs, p)
	}
	if err := d.Run(ctx); err != nil {
		t.Fatal(err)
	}
	return d
}

// became is what becomes of a property of which the two designs say these.
func became(a, b string) string {
	switch {
	case a == Absent && b == Both:
		return Broke
	case a == Absent || b == Absent:
		return Absent
	case a == Both && b == Both:
		return Both
	case a == Both:
		return Mended
	case b == Both:
		return Broke
	}
	return Holds
}

// reached is what a result says of what must be reachable.
func reached(r *verdict.Result, claim string) string {
	i := slices.IndexFunc(r.Claims, func(c verdict.Claim) bool { return c.Name == claim })
	switch {
	case i < 0:
		return Absent
	case r.Claims[i].Reached:
		return Holds
	}
	return Both
}

// What broke and what was mended is what the table of a survey says of the two designs, each by
// itself; and the runs violate what they are said to.
func TestAgainstTheMatrix(t *testing.T) {
	configs := models.Matrix()
	all := models.All()
	table, err := survey.Run(t.Context(), model.SC, all, configs, survey.DefaultProps())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for i := range all[:len(all)-1] {
		d := between(t, t.Context(), model.SC, all[i].Name, all[i+1].Name, configs)
		if !d.Complete() {
			t.Errorf("%s -> %s is not complete", all[i].Name, all[i+1].Name)
		}
		for j, p := range d.Pairs {
			for _, name := range d.Properties() {
				says := func(c *survey.Cell) string {
					if claim, is := strings.CutPrefix(name, reachable); is {
						return reached(c.Result, claim)
					}
					switch {
					case c.Void[name] != "":
						return Absent
					case slices.ContainsFunc(c.Violations(),
						func(v verdict.Property) bool { return v.Name == name }):
						return Both
					}
					return Holds
				}
				a, b := says(table.Cells[i][j]), says(table.Cells[i+1][j])
				want := became(a, b)
				if got := p.What(name); got != want {
					t.Errorf("%s -> %s, %s, %s: %s, want %s", d.Names[0], d.Names[1], p.Key, name, got, want)
				}
				seen[want]++
			}
		}
		var text, md, js bytes.Buffer
		if err := d.Text(&text, report.Mail); err != nil {
			t.Fatal(err)
		}
		if err := d.Markdown(&md); err != nil {
			t.Fatal(err)
		}
		if err := d.JSON(&js); err != nil || !json.Valid(js.Bytes()) {
			t.Fatal(err)
		}
		for _, what := range []string{Broke, Mended} {
			names, _ := d.changed(what)
			for _, name := range names {
				line := what + ": " + name + ", which"
				if strings.HasPrefix(name, reachable) {
					line = what + ":" // a run of it there cannot be
				}
				if !strings.Contains(strings.Join(strings.Fields(text.String()), " "), line) ||
					!strings.Contains(md.String(), line) {
					t.Errorf("%s -> %s: no run for %s", d.Names[0], d.Names[1], line)
				}
			}
		}
	}
	for _, what := range []string{Holds, Mended, Broke, Both, Absent} {
		if seen[what] == 0 {
			t.Errorf("nothing is %s, so nothing was seen of that", what)
		}
	}
}

// A design does the same as itself, and two that differ part in a step that does: before it they do
// the same, and in it they do not.
func TestParting(t *testing.T) {
	small := models.Matrix()[:1]
	for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
		for _, d := range models.All() {
			same := between(t, t.Context(), mm, d.Name, d.Name, small)
			if pt := same.Parting; pt == nil || pt.Found || pt.Apart != nil || pt.Bound != verdict.NoBound {
				t.Errorf("%s parts from itself: %+v", d.Name, pt)
			}
		}
		d := between(t, t.Context(), mm, "valentin", "valentin-v5", small)
		pt := d.Parting
		if !pt.Found {
			t.Fatalf("%s: they do not part", mm)
		}
		for i, tr := range pt.Runs {
			if want := len(pt.Run); pt.Only == "" && len(tr.Steps) != want {
				t.Errorf("%s: the run of %s has %d steps, want %d", mm, d.Names[i], len(tr.Steps), want)
			}
		}
	}
}

// What was cut is open, and no diff says that it is complete then.
func TestCut(t *testing.T) {
	over, cancel := context.WithCancel(t.Context())
	cancel()
	d := between(t, over, model.SC, "valentin", "valentin-v4", models.Matrix()[:2])
	if d.Complete() || d.Parting != nil {
		t.Error("it is complete after its time")
	}
	var text bytes.Buffer
	if err := d.Text(&text, report.Mail); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "not looked for") || !strings.Contains(text.String(), "not all of them") ||
		!strings.Contains(text.String(), "broke: nothing so far") {
		t.Errorf("the text does not say that it was cut:\n%s", text.String())
	}
}

// What the second design never reaches any more is told as broken: everything else may hold for nothing.
func TestWhatIsNeverReached(t *testing.T) {
	side := func(reaches bool) *Side {
		return &Side{Build: func() (*model.Program, []*model.Monitor, error) {
			p := model.New("reach")
			x := p.Shared("x", model.Bool, model.Int(0))
			p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
				value := model.Int(0)
				if reaches {
					value = model.Int(1)
				}
				r.WriteOnce("WRITE_ONCE(x, value)", x, value)
			}))
			p.ReachedState("x is set", x.Eq(model.Int(1)))
			return p, nil, nil
		}}
	}
	d := &Diff{Names: [2]string{"one", "two"}, Pairs: []*Pair{{Sides: [2]*Side{side(true), side(false)}}}}
	if err := d.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	var text, js bytes.Buffer
	if err := d.Text(&text, report.Mail); err != nil {
		t.Fatal(err)
	}
	if err := d.JSON(&js); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "broke: reachable: x is set\n") || !strings.Contains(js.String(),
		`"broke"`) {
		t.Errorf("it is not told:\n%s", text.String())
	}
}
