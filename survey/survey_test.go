package survey

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ctcheck/internal/testkit"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
	"ctcheck/verdict"
)

// golden compares with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	testkit.Golden(t, filepath.Join("..", "testdata", "matrix", name), got)
}

// sample is a small table: a design that holds until NMIs come, one that does not, and one of which a
// property is vacuous.
func sample(t *testing.T, ctx context.Context) *Table {
	t.Helper()
	var ds []models.Design
	for _, name := range []string{"peterz", "valentin", "tlb-v6"} {
		d, _ := models.Find(name)
		ds = append(ds, d)
	}
	all := models.Matrix()
	tab, err := Run(ctx, model.SC, ds, []models.NamedConfig{all[1], all[3]}, DefaultProps())
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

var formats = []struct {
	file  string
	write func(*Table, io.Writer) error
}{
	{"sample.txt", (*Table).Text}, {"sample.md", (*Table).Markdown}, {"sample.json", (*Table).JSON},
}

func TestFormats(t *testing.T) {
	tab := sample(t, t.Context())
	for _, f := range formats {
		var b bytes.Buffer
		if err := f.write(tab, &b); err != nil {
			t.Fatal(err)
		}
		golden(t, f.file, b.Bytes())
	}
}

// What scripts rely on, read back without knowledge of our types.
func TestJSONRows(t *testing.T) {
	var b bytes.Buffer
	if err := sample(t, t.Context()).JSON(&b); err != nil {
		t.Fatal(err)
	}
	var j struct {
		Schema int
		Rows   []map[string]any
	}
	if err := json.Unmarshal(b.Bytes(), &j); err != nil {
		t.Fatal(err)
	}
	if j.Schema != 3 || len(j.Rows) != 6 {
		t.Fatalf("schema %d, %d rows", j.Schema, len(j.Rows))
	}
	row := j.Rows[3]
	want := "map[model:valentin states:590 transitions:877 verdict:violated violated:" +
		"[no-double-execution no-lost-work no-late-work no-set-in-kernel no-warn]]"
	got := map[string]any{}
	for _, key := range []string{"model", "verdict", "violated", "states", "transitions"} {
		got[key] = row[key]
	}
	if fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if c := row["config"].(map[string]any); len(c) != len(models.Config{}.Params()) || c["nmi"] != 1.0 {
		t.Errorf("config %v", c)
	}
}

// A table that could not be finished says what is open, and nothing in it says holds.
func TestNotRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	tab := sample(t, ctx)
	if tab.Complete() {
		t.Error("an empty table is complete")
	}
	for _, f := range formats {
		var b bytes.Buffer
		if err := f.write(tab, &b); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), NotRun) || strings.Contains(b.String(), Holds) {
			t.Errorf("%s:\n%s", f.file, b.String())
		}
	}
}

// A cell whose search was cut says so, also where it found something.
func TestCutCells(t *testing.T) {
	tab := sample(t, t.Context())
	for _, row := range tab.Cells {
		for _, c := range row {
			c.Result.Complete, c.Result.Bound = false, verdict.AtInterrupt
			if c.Result.Verdict == verdict.Holds {
				c.Result.Verdict = verdict.Incomplete
			}
		}
	}
	var text, md bytes.Buffer
	if err := tab.Text(&text); err != nil {
		t.Fatal(err)
	}
	if err := tab.Markdown(&md); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"DLTKW~", "incomplete", "the search was cut, more may be violated"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
	if !strings.Contains(md.String(), "warn, ~") {
		t.Errorf("no mark in\n%s", md.String())
	}
	for _, out := range []string{text.String(), md.String()} {
		if strings.Contains(out, Holds) || strings.Contains(out, "Full searches") {
			t.Errorf("a cut table says holds, or that it is full:\n%s", out)
		}
	}
}

// A cell in which everything that is asked is vacuous answers nothing.
func TestVoidCells(t *testing.T) {
	d, _ := models.Find("tlb-v6")
	tab, err := Run(t.Context(), model.SC, []models.Design{d}, models.Matrix()[:1],
		[]string{"no-double-execution"})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := tab.Text(&b); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(b.String()), " ")
	if got := tab.Cells[0][0].Outcome(); got != Void || !tab.Complete() ||
		!strings.Contains(text, "is vacuous for every design here: the target catches up") {
		t.Errorf("outcome %s\n%s", got, b.String())
	}
}

// An error of the writer is returned, and one of a program too.
func TestErrors(t *testing.T) {
	tab := sample(t, t.Context())
	for _, f := range formats {
		if f.write(tab, badWriter{}) == nil {
			t.Errorf("%s: an error of the writer is swallowed", f.file)
		}
	}
	d, _ := models.Find("valentin")
	if _, err := Run(t.Context(), model.SC, []models.Design{d}, []models.NamedConfig{{}}, nil); err == nil {
		t.Error("a configuration that is none is accepted")
	}
}

type badWriter struct{}

func (badWriter) Write([]byte) (int, error) { return 0, fmt.Errorf("disk full") }

// Every property has a letter and a word, no two the same.
func TestShorts(t *testing.T) {
	letters, words := map[string]bool{}, map[string]bool{}
	for _, name := range append(props.Names(), model.NoDeadlock) {
		s, ok := shorts[name]
		if !ok || len(s.letter) != 1 || letters[s.letter] || words[s.word] {
			t.Errorf("%s is %q and %q", name, s.letter, s.word)
		}
		letters[s.letter], words[s.word] = true, true
	}
	if len(shorts) != len(letters) {
		t.Errorf("%d short names for %d properties", len(shorts), len(letters))
	}
}

// The order of the small configurations is one: what has less is not the greater one, no two are the
// same, and each is accepted by some design.
func TestSizes(t *testing.T) {
	all := models.Small()
	for i, a := range all {
		for _, b := range all[:i] {
			if a == b {
				t.Errorf("%s is there twice", Flags(a))
			}
			if within(a, b) && within(b, a) {
				t.Errorf("%s and %s are within each other", Flags(a), Flags(b))
			}
			if within(a, b) && slices.Compare(size(a), size(b)) > 0 ||
				within(b, a) && slices.Compare(size(b), size(a)) > 0 {
				t.Errorf("%s and %s: the one within the other is the greater one", Flags(a), Flags(b))
			}
		}
		accepts := func(d models.Design) bool { return d.Accepts(a) == nil }
		if !slices.ContainsFunc(models.All(), accepts) {
			t.Errorf("no design accepts %s", Flags(a))
		}
	}
}
