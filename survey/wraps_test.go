package survey

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/verdict"
)

// endlessTable is peterz and valentin where rounds have no end.
func endlessTable(t *testing.T) *Table {
	t.Helper()
	peterz, _ := models.Find("peterz")
	valentin, _ := models.Find("valentin")
	tab, err := Run(t.Context(), model.SC, []models.Design{peterz, valentin}, models.Endless(), DefaultProps())
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

// What is violated only because a counter wraps stands in parentheses: it is no fault of the design, for it holds
// with rounds enough to wrap the counter several times. What the design is to blame for does not.
func TestWrapsAreNoFaults(t *testing.T) {
	tab := endlessTable(t)
	if got := tab.Cells[0][0].words(); got != "double, (lost, late)" {
		t.Errorf("peterz: %s", got)
	}
	if got := tab.Cells[1][1].words(); got != "double, lost, late, set, warn" {
		t.Errorf("valentin: %s", got)
	}
	for i, want := range []string{"D(LT)", "(lost, late)", `"wraps": {
        "no-late-work": [
          "ct->seq"
        ],`} {
		var b bytes.Buffer
		if err := formats[i].write(tab, &b); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s lacks %q:\n%s", formats[i].file, want, b.String())
		}
		legend := "(): a counter wraps in the run, and with 12 rounds it holds"
		if i < 2 && !strings.Contains(b.String(), legend) {
			t.Errorf("%s does not say what () means:\n%s", formats[i].file, b.String())
		}
	}
}

// A search with few rounds that was cut, or that violates the property too, takes nothing off the design.
func TestWrapsAreFaultsUntilShown(t *testing.T) {
	c := endlessTable(t).Cells[0][0]
	faults := func() string {
		var names []string
		for _, p := range c.Faults() {
			names = append(names, p.Name)
		}
		return strings.Join(names, " ")
	}
	const all = "no-double-execution no-lost-work no-late-work"
	if got := faults(); got != "no-double-execution" || !c.Complete() {
		t.Errorf("the faults are %s", got)
	}
	whole := c.Bounded
	cut := *whole
	cut.Complete, cut.Bound = false, verdict.AtInterrupt
	c.Bounded = &cut
	if got := faults(); got != all || c.Complete() {
		t.Errorf("cut: the faults are %s, complete is %t", got, c.Complete())
	}
	worse := *whole
	worse.Properties = slices.Clone(whole.Properties)
	for i := range worse.Properties {
		worse.Properties[i].Violated = true
	}
	c.Bounded = &worse
	if got := faults(); got != all {
		t.Errorf("violated too: the faults are %s", got)
	}
}

// The page names the smallest configurations whose violations are not counted, and has no run of one.
func TestPageCountsNoWraps(t *testing.T) {
	d, _ := models.Find("peterz")
	ds, err := dossiers(t.Context(), []models.Design{d})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range ds[0].breaches {
		for _, c := range b.cells {
			if slices.ContainsFunc(c.Wrapping(), func(p verdict.Property) bool { return p.Name == b.property }) {
				t.Errorf("%s is counted with %s", b.property, Flags(c.Config))
			}
		}
	}
	p := &page{stories: map[string]string{}}
	p.design(ds[0])
	text := strings.Join(strings.Fields(p.b.String()), " ")
	want := "- Not counted: `ctcheck -model peterz --setters 1 --works 1 --rounds 0`, no-lost-work in 27 steps, " +
		"no-late-work in 27 steps. In this run ct->seq wraps modulo 32; the kernel's count has 29 bits, and a " +
		"setter runs with preemption off. With `--rounds 12` nothing of that is violated."
	if !strings.Contains(text, want) || strings.Contains(text, "Also `ctcheck -model peterz --setters 1 --works 1 "+
		"--rounds 0`") {
		t.Errorf("the page lacks %q, or counts it:\n%s", want, text)
	}
}
