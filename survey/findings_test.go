package survey

import (
	"bytes"
	"context"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ctcheck/model"
	"ctcheck/models"
)

// The sections on the designs say no less than the tables: what a cell of a table violates has a run
// of its own, and what a design is said to violate is told exactly once.
func TestDossiersCoverTheTables(t *testing.T) {
	if testing.Short() {
		t.Skip("a page of all findings takes long")
	}
	ds, err := dossiers(t.Context(), models.All())
	if err != nil {
		t.Fatal(err)
	}
	configs := append(models.Matrix(), models.Endless()...)
	tab, err := Run(t.Context(), model.SC, models.All(), configs, DefaultProps())
	if err != nil {
		t.Fatal(err)
	}
	for i, do := range ds {
		var told []string
		for _, run := range do.runs() {
			for _, b := range run {
				told = append(told, b.property)
			}
		}
		if len(told) != len(do.breaches) {
			t.Errorf("%s: %d breaches, told are %v", do.design.Name, len(do.breaches), told)
		}
		for _, c := range tab.Cells[i] {
			for _, p := range c.Faults() {
				if !slices.Contains(told, p.Name) {
					t.Errorf("%s: %s is violated with %s, but has no run on the page",
						do.design.Name, p.Name, Flags(c.Config))
				}
			}
		}
		for _, c := range do.cells {
			if c.Outcome() == Empty {
				t.Errorf("%s, %s: something is not reached", do.design.Name, Flags(c.Config))
			}
		}
		for property := range do.design.Reviewed {
			if !slices.Contains(told, property) {
				t.Errorf("%s: a review of %s, which is not violated", do.design.Name, property)
			}
		}
	}
}

// A breach is minimal: the smallest cell comes first, and no cell is within another.
func TestMinimal(t *testing.T) {
	d, _ := models.Find("peterz")
	ds, err := dossiers(t.Context(), []models.Design{d})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range ds[0].minimal("no-double-execution", (*Cell).Faults) {
		got = append(got, Flags(c.Config))
	}
	want := []string{
		"--setters 2 --works 2 --rounds 1",              // the race of the RFC v1's changelog
		"--setters 1 --works 2 --requests 2 --rounds 1", // the setter's own WORK makes it fail
		"--setters 1 --works 1 --rounds 1 --nmi 1",      // the NMI flushes again
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// There is no page that is not complete.
func TestFindingsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var b bytes.Buffer
	if err := Findings(ctx, models.All(), &b); !errors.Is(err, ErrCut) || b.Len() > 0 {
		t.Errorf("error %v, %d bytes", err, b.Len())
	}
}

// Where one run begins with another it is drawn once, and a run that is its own beginning is not told
// by itself.
func TestTells(t *testing.T) {
	d, _ := models.Find("valentin-v3-intended")
	ds, err := dossiers(t.Context(), []models.Design{d})
	if err != nil {
		t.Fatal(err)
	}
	runs := ds[0].runs()
	var got []string
	for _, b := range runs[0] {
		got = append(got, b.property)
	}
	if want := "no-lost-work no-late-work no-set-in-kernel"; len(runs) != 1 ||
		strings.Join(got, " ") != want {
		t.Errorf("%d runs, the first tells %v, want %s", len(runs), got, want)
	}
}

// The page says first what it finds, of every design, and every link on it leads to one of its headings; each main
// heading is in its contents.
func TestFindingsLinks(t *testing.T) {
	data, err := os.ReadFile("../docs/findings.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	headings := map[string]bool{}
	for _, h := range regexp.MustCompile(`(?m)^(##+) (.*)$`).FindAllStringSubmatch(text, -1) {
		anchor := regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(h[2]), "")
		headings[strings.ReplaceAll(anchor, " ", "-")] = h[1] == "##"
	}
	answer, _, _ := strings.Cut(text, "\n## ")
	for _, d := range models.All() {
		if !strings.Contains(answer, linked(d)) {
			t.Errorf("the answer does not name %s", d.Name)
		}
		if strings.Count(text, "\n| "+linked(d)+" |") < len(sections) { // and where x86-TSO changes a cell
			t.Errorf("%s is not linked in every table", d.Name)
		}
	}
	links := regexp.MustCompile(`\]\(#([^)]*)\)`)
	if n := len(links.FindAllString(text, -1)); n < 80 {
		t.Errorf("%d links", n)
	}
	for _, l := range links.FindAllStringSubmatch(text, -1) {
		if _, ok := headings[l[1]]; !ok {
			t.Errorf("a link to #%s, which is no heading", l[1])
		}
	}
	for h, main := range headings {
		if main && !strings.Contains(answer, "(#"+h+")") {
			t.Errorf("the contents lack %s", h)
		}
	}
}
