package weaken

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ctcheck/internal/testkit"
	"ctcheck/models"
	"ctcheck/report"
	"ctcheck/survey"
)

// golden compares with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	testkit.Golden(t, filepath.Join("..", "testdata", "weaken", name), got)
}

var formats = map[string]func(*Table, io.Writer, []*Row) error{
	"txt": (*Table).Text, "md": (*Table).Markdown, "json": (*Table).JSON,
}

// The tables of the two designs, word for word, and the other formats of a small one with its runs.
func TestGolden(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long under the race detector")
	}
	for _, name := range []string{"valentin", "valentin-v7"} {
		tab := design(t, name)
		var b bytes.Buffer
		if err := tab.Text(&b, nil); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".txt", b.Bytes())
	}
	tab := design(t, "tlb-hansen", "1", "1+nmi")
	runs := []*Row{row(t, tab, Swap, "kernel_cr3_loaded = 1", "flush"), row(t, tab, Fence, "smp_mb()", ""),
		row(t, tab, Swap, "kernel_cr3_loaded = 0", "USER_CR3")}
	for ending, write := range formats {
		var b bytes.Buffer
		if err := write(tab, &b, runs); err != nil {
			t.Fatal(err)
		}
		golden(t, "runs."+ending, b.Bytes())
	}
}

// The text survives a mail: no line of it is longer than 80 columns.
func TestWidth(t *testing.T) {
	for _, name := range []string{"off", "peterz", "frederic", "valentin-v4", "valentin-v8-restore", "luto"} {
		tab := design(t, name, "1+nmi")
		var b bytes.Buffer
		if err := tab.Text(&b, tab.Rows); err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(b.String(), "\n") {
			if len([]rune(line)) > report.Mail.Width || strings.HasSuffix(line, " ") {
				t.Errorf("%s: %q", name, line)
			}
		}
	}
}

// What carries the load in the designs.
func TestDesigns(t *testing.T) {
	rows := []struct {
		design, configs string
		kind            Kind
		statement, next string
		sc, tso         string
		why             string
	}{
		{"valentin", "1", Torn, "fetch_or", "", "needed: breaks no-lost-work (1), no-late-work (1)",
			"needed: breaks no-lost-work (1), no-late-work (1)", "a setter's bit is overwritten"},
		{"valentin", "2", Torn, "try_cmpxchg", "",
			"needed: breaks no-double-execution (2), no-lost-work (2), no-late-work (2), no-set-in-kernel (2)",
			"needed: breaks no-double-execution (2), no-lost-work (2), no-late-work (2), no-set-in-kernel (2)",
			"two setters overwrite each other's bits, or DISABLED"},
		{"valentin", "1 2 1+nmi", Torn, "ct_state_inc", "", "not needed under these assumptions",
			"not needed under these assumptions", "only its own CPU writes ct->state"},
		{"valentin", "1", Swap, "ct_state_inc", "atomic_set", "needed: breaks no-set-in-kernel (1)",
			"needed: breaks no-set-in-kernel (1)", "as valentin-swapped-exit"},
		{"valentin", "1 2 2-same 1+nmi", Swap, "fetch_or", "ct_state_inc", "not needed under these assumptions",
			"not needed under these assumptions", "as valentin-swapped-enter, where NMIs break both"},
		{"valentin", "1", Order, "fetch_or", "",
			"changes nothing: under sequential consistency every access is ordered",
			"changes nothing: on x86 every locked instruction is a full barrier",
			"an order of a locked instruction"},
		{"valentin-v7", "1", Torn, "ct_state_inc", "", "needed: breaks no-lost-work (1), no-late-work (1)",
			"needed: breaks no-lost-work (1), no-late-work (1), no-set-in-kernel (1)",
			"under x86-TSO the setter sees the target in user mode for longer"},
		{"valentin-v7", "1 2 2-same 1+nmi", Torn, "atomic_cmpxchg", "", "not needed under these assumptions",
			"not needed under these assumptions", "nobody else writes ct->state while RCU watches"},
		{"tlb-hansen", "1", Fence, "smp_mb()", "",
			"changes nothing: under sequential consistency every access is ordered",
			"needed: breaks no-lost-work (1), no-late-work (1)", "store, fence, load against store, fence, load"},
		{"tlb-hansen", "1", Swap, "WRITE_ONCE", "loaded", "needed: breaks no-late-work (1)",
			"needed: breaks no-lost-work (1), no-late-work (1)", "the fence stays where it is"},
		{"tlb-hansen", "1", Swap, "kernel_cr3_loaded = 1", "flush", "needed: breaks no-late-work (1)",
			"needed: breaks no-late-work (1)", "as tlb-v6"},
		{"peterz", "1+nmi", Fence, "before_atomic", "",
			"changes nothing: under sequential consistency every access is ordered",
			"changes nothing: on x86 it orders the compiler only", "a barrier before an atomic"},
		{"valentin-v8", "1", Order, "SWITCH_TO_KERNEL_CR3", "",
			"cannot be asked: the model has it as part of one step, SWITCH_TO_KERNEL_CR3 /* which flushes */",
			"cannot be asked: the model has it as part of one step, SWITCH_TO_KERNEL_CR3 /* which flushes */",
			"what is in an Atomic is no step"},
	}
	for _, r := range rows {
		tab := design(t, r.design, strings.Fields(r.configs)...)
		got := row(t, tab, r.kind, r.statement, r.next)
		for i, want := range []string{r.sc, r.tso} {
			if words := tab.words(got.Verdicts[i]); words != want {
				t.Errorf("%s, %s of %s under %s: %s, want %s (%s)", r.design, r.kind, r.statement, both[i], words,
					want, r.why)
			}
		}
	}
}

// A row says no more than its search: what a design violates by itself is never blamed on a weakening,
// every break has a run that ends in it, and a table from all configurations has no row that none of
// them has.
func TestVerdictsRestOnSearches(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long under the race detector")
	}
	for _, d := range models.All() {
		tab := design(t, d.Name, "1", "1+nmi")
		if !tab.Complete() {
			t.Errorf("%s: not complete", d.Name)
		}
		for _, r := range tab.Rows {
			if !slices.Contains(r.in, true) {
				t.Errorf("%s: no configuration has row %d", d.Name, r.Number)
			}
			for m, v := range r.Verdicts {
				for _, b := range v.Breaks {
					own := tab.own[m][slices.Index(tab.Cases, b.Case)]
					if slices.Contains(own.violations(), b.Name) {
						t.Errorf("%s, row %d: %s is violated by the design itself", d.Name, r.Number, b.Name)
					}
					if !b.Claim && (b.Trace.Property != b.Name || !b.Trace.Shortest && b.Trace.Loop < 0 &&
						!b.Trace.Deadlock && !b.Trace.Ended) {
						t.Errorf("%s, row %d: %s has the run of %s", d.Name, r.Number, b.Name, b.Trace.Property)
					}
				}
			}
		}
	}
}

// What scripts rely on, read back without knowledge of our types.
func TestJSONRows(t *testing.T) {
	tab := design(t, "valentin", "2", "1+nmi")
	torn := row(t, tab, Torn, "fetch_or", "")
	var b bytes.Buffer
	if err := tab.JSON(&b, []*Row{torn}); err != nil {
		t.Fatal(err)
	}
	var j struct {
		Schema  int
		Model   string
		Caveat  string
		Configs []struct {
			Key    string
			Config map[string]any
		}
		Itself []struct {
			Config string
			Lacks  []string
		}
		Rows []struct {
			Number                                  int
			Routine, Statement, Weakening, From, To string
			Configs                                 []string
			Verdicts                                []struct {
				Verdict string
				Breaks  []struct {
					Name, Config string
					Steps        int
					Trace        []map[string]any
				}
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &j); err != nil {
		t.Fatal(err)
	}
	if j.Schema != 1 || j.Model != "valentin" || !strings.Contains(j.Caveat, "Not needed") ||
		len(j.Rows) != len(tab.Rows) || len(j.Itself) != 4 || len(j.Itself[0].Lacks) != 0 ||
		!slices.Contains(j.Itself[1].Lacks, "no-warn") {
		t.Fatalf("%+v", j)
	}
	if c := j.Configs[1]; c.Key != "1+nmi" || c.Config["nmi"] != 1.0 ||
		len(c.Config) != len(models.Config{}.Params()) {
		t.Errorf("config %+v", c)
	}
	for _, r := range j.Rows {
		drawn := 0
		for _, v := range r.Verdicts {
			for _, b := range v.Breaks {
				if b.Trace != nil {
					drawn++
					if len(b.Trace) != b.Steps || b.Config != "2" {
						t.Errorf("row %d: %d steps drawn of %d, in %s", r.Number, len(b.Trace), b.Steps, b.Config)
					}
				}
			}
		}
		if want := r.Number == torn.Number; want != (drawn == 2) || !want && drawn > 0 {
			t.Errorf("row %d has %d runs", r.Number, drawn)
		}
		if (r.Weakening == "order") != (r.From != "" && r.To != "") || len(r.Configs) == 0 {
			t.Errorf("row %d: %+v", r.Number, r)
		}
	}
}

// A table that could not be finished says what is open, and decides nothing.
func TestNotRun(t *testing.T) {
	d, _ := models.Find("valentin")
	cases, err := Cases(d, models.Matrix(), survey.DefaultProps())
	if err != nil {
		t.Fatal(err)
	}
	tab, err := New(cases, both)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := tab.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if tab.Complete() {
		t.Error("a table without a search is complete")
	}
	for name, write := range formats {
		var b bytes.Buffer
		if err := write(tab, &b, tab.Rows); err != nil {
			t.Fatal(err)
		}
		for _, no := range []string{"not needed under", `"not needed"`, "changes nothing", "full searches",
			"reachability"} {
			if strings.Contains(b.String(), no) {
				t.Errorf("%s says %q though nothing was searched:\n%s", name, no, b.String())
			}
		}
		if !strings.Contains(b.String(), "not run") {
			t.Errorf("%s does not say what is open:\n%s", name, b.String())
		}
	}
}

// A property that is vacuous in all configurations, or in some, is not asked there, and the table says so.
func TestVoid(t *testing.T) {
	d, _ := models.Find("tlb-v6")
	cases, err := Cases(d, models.Matrix()[:2], []string{"no-double-execution", "no-lost-work"})
	if err != nil {
		t.Fatal(err)
	}
	tab := run(t, cases)
	if got := strings.Join(tab.asked(), " "); got != "no-lost-work no-deadlock" {
		t.Errorf("asked: %s", got)
	}
	want := "Not applicable: no-double-execution: the target catches up at every entry, asked or not."
	if got := tab.void(); len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
	delete(cases[0].Void, "no-double-execution")
	want = "Not applicable: no-double-execution in 2: the target catches up at every entry, asked or not."
	if got := tab.void(); len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
