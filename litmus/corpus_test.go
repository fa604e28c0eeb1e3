package litmus_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/litmus"
	"ctcheck/model"
)

// corpus is other people's tests with known verdicts; it is not part of the project.
const corpus = "../../shared/litmus"

// corpusFiles is the files of the corpus that contain one of the words; none where it is not there.
func corpusFiles(t testing.TB, words ...string) []string {
	t.Helper()
	files, err := filepath.Glob(corpus + "/*/*.litmus")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(files, func(f string) bool {
		src, err := os.ReadFile(f)
		return err != nil || len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool {
			return bytes.Contains(src, []byte(w))
		})
	})
}

// rows is a table of the corpus: its lines by the names of its columns. The test is skipped where it is not there.
func rows(t *testing.T, table string) []map[string]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(corpus, table))
	if err != nil {
		t.Skipf("%s is not there", filepath.Join(corpus, table))
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	names := strings.Split(lines[0], "\t")
	var out []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, x := range strings.Split(line, "\t") {
			row[names[i]] = x
		}
		out = append(out, row)
	}
	return out
}

// An answer is how many final states satisfy the proposition, and how many do not.
type answer struct {
	positive, negative int
	states             []string
}

// tooLarge is tests with 8 or 12 threads that have too many states to list all final ones in a test.
var tooLarge = []string{
	"public/C-RW-G+RW-Rrd+RW-CD+RW-R+RW-R+RW-G+RW-G+RW-R.litmus",
	"public/C-RW-R+RW-R+RW-G+RW-G+RW-G+RW-G+RW-R+RW-R+RW-G+RW-G+RW-R+RW-R.litmus",
	"public/C-SRCU-LB-82-A.litmus",
	"public/C-WW-G+WW-B+WW-G+WW-G+WW-R+WW-G+WW-G+WW-R.litmus",
}

// ask decides a test.
func ask(t *testing.T, mm model.MemoryModel, p *litmus.Program) (a answer) {
	t.Helper()
	finals, err := explore.Finals(context.Background(), mm, p.Model, p.Vars...)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range finals {
		s := p.State(x)
		switch {
		case !p.Counts(s):
			continue
		case p.Satisfies(s):
			a.positive++
		default:
			a.negative++
		}
		a.states = append(a.states, p.Format(s))
	}
	slices.Sort(a.states)
	a.states = slices.Compact(a.states)
	return a
}

// word is herd7's.
func (a answer) word() string {
	switch {
	case a.positive == 0:
		return "Never"
	case a.negative == 0:
		return "Always"
	}
	return "Sometimes"
}

// Every verdict of the table is ours; what LKMM forbids is not reachable under a model that is stronger, nor is a
// final state that herd7 does not have; and sc's final states are among tso's.
func TestCorpus(t *testing.T) {
	verdicts := rows(t, "verdicts.tsv")
	known, agree := 0, 0
	for _, row := range verdicts {
		test := read(t, filepath.Join(corpus, row["file"]))
		p := program(t, test)
		if slices.Contains(tooLarge, row["file"]) {
			continue
		}
		sc, tso := ask(t, model.SC, p), ask(t, model.TSO, p)
		for name, a := range map[string]answer{"sc": sc, "tso": tso} {
			word := "unreachable"
			if a.positive > 0 {
				word = "reachable"
			}
			if row[name] != "-" {
				if known++; row[name] == word {
					agree++
				} else {
					t.Errorf("%s under %s: %s, the table says %s", row["file"], name, word, row[name])
				}
			}
			lkmm := row["lkmm"]
			if (lkmm == "Never" || lkmm == "unreachable") && a.positive > 0 || lkmm == "Always" && a.negative > 0 {
				t.Errorf("%s under %s: %s, LKMM says %s", row["file"], name, a.word(), lkmm)
			}
		}
		for _, s := range sc.states {
			if !slices.Contains(tso.states, s) {
				t.Errorf("%s: %s is a final state under sc and not under tso", row["file"], s)
			}
		}
		amongHerds(t, row["file"], test, tso.states)
	}
	t.Logf("%d of %d known verdicts agree, all of %d files are read", agree, known, len(verdicts))
}

// amongHerds compares with herd7's output under LKMM, where the corpus has it: its states, and the way it writes
// the question.
func amongHerds(t *testing.T, file string, test *litmus.Test, states []string) {
	t.Helper()
	out, err := os.ReadFile(filepath.Join(corpus, file+".expected"))
	if err != nil {
		return
	}
	lines := strings.Split(string(out), "\n")
	for _, s := range states {
		if !slices.Contains(lines, s) {
			t.Errorf("%s: herd7 has no state %q", file, s)
		}
	}
	if want := fmt.Sprintf("Condition %s (%s)", test.Quantifier, test.Prop); !slices.Contains(lines, want) {
		t.Errorf("%s: herd7 has no line %q", file, want)
	}
}

// Every verdict on an x86 test is ours: of herd7 on the states, or of Dartagnan on the question.
func TestCorpusX86(t *testing.T) {
	verdicts := rows(t, "x86.tsv")
	for _, row := range verdicts {
		test := read(t, filepath.Join(corpus, row["file"]))
		p := program(t, test)
		for name, mm := range map[string]model.MemoryModel{"sc": model.SC, "tso": model.TSO} {
			a := ask(t, mm, p)
			valid := "not validated"
			if test.Quantifier.Validated(a.positive, a.negative) {
				valid = "validated"
			}
			if want := row[name]; want != "-" && want != a.word() && want != valid {
				t.Errorf("%s under %s: %s, %s, the table says %s", row["file"], name, a.word(), valid, want)
			}
		}
	}
	t.Logf("%d files", len(verdicts))
}
