package cfront_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ctcheck/cfront"
	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/models"
)

const rfc = "../testdata/c/rfc-v1-11-of-14.c"

// squeezed is a line without spaces before, behind and between words, which mail archives change.
func squeezed(line string) string { return strings.Join(strings.Fields(line), " ") }

// The functions of RFC v1 11/14 are pasted, with at most 25 lines of ours around them. What is ours is what the
// mail does not have.
func TestRFCIsPasted(t *testing.T) {
	mail, err := os.ReadFile(filepath.Join("..", "..", "shared", "rfc-v1-11-of-14.txt"))
	if err != nil {
		t.Skip("the mail is not here: ", err)
	}
	known := map[string]bool{}
	for line := range strings.SplitSeq(string(mail), "\n") {
		line = squeezed(line)
		known[line] = true
		if rest, ok := strings.CutPrefix(line, "+"); ok {
			known[strings.TrimSpace(rest)] = true
		}
		if _, rest, ok := strings.Cut(line, "@@ "); ok { // the head of a hunk
			if _, rest, ok := strings.Cut(rest, "@@ "); ok {
				known[rest] = true
			}
		}
	}
	text, err := os.ReadFile(rfc)
	if err != nil {
		t.Fatal(err)
	}
	var ours []string
	for line := range strings.SplitSeq(string(text), "\n") {
		if line = squeezed(line); line != "" && line != "{" && line != "}" && !known[line] {
			ours = append(ours, line)
		}
	}
	if len(ours) > 25 {
		t.Errorf("%d lines are ours:\n%s", len(ours), strings.Join(ours, "\n"))
	}
	for _, name := range []string{"ct_work_fetch", "ct_work_clear", "ct_work_flush", "ct_set_cpu_work"} {
		for _, line := range ours {
			if strings.Contains(line, " "+name+"(") {
				t.Errorf("%q is not as posted", line)
			}
		}
	}
	t.Logf("%d lines are ours", len(ours))
}

// It has the verdicts of valentin, and its states, without and with NMIs.
func TestRFCIsValentin(t *testing.T) {
	got, want := load(t, rfc).Design(), models.Design{}
	for _, d := range models.All() {
		if d.Name == "valentin" {
			want = d
		}
	}
	for _, c := range configs() {
		if got.Accepts(c.Config) != nil || c.Works > 2 {
			continue
		}
		for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
			a, err := check(got, c.Config, mm)
			if err != nil {
				t.Fatal(err)
			}
			b, err := check(want, c.Config, mm)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(b, a); diff != "" {
				t.Errorf("%s, %s: Go is -, C is +\n%s", c.Key, mm, diff)
			}
		}
	}
}

// From the file to the first state.
func BenchmarkToFirstState(b *testing.B) {
	text, err := os.ReadFile(rfc)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		firstState(b, text)
	}
}

func firstState(t testing.TB, text []byte) {
	f, err := cfront.Load([]cfront.Source{{Name: rfc, Text: text}}, cfront.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.Design().Program(models.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := explore.Run(context.Background(), p, nil, explore.Options{MaxStates: 1}); err != nil {
		t.Fatal(err)
	}
}
