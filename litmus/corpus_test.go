package litmus_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ctcheck/explore"
	"ctcheck/litmus"
	"ctcheck/model"
)

const corpus = "/work/shared/litmus"

func TestCorpus(t *testing.T) {
	data, _ := os.ReadFile(filepath.Join(corpus, "verdicts.tsv"))
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		if i == 0 {
			continue
		}
		f := strings.Split(line, "\t")
		src, _ := os.ReadFile(filepath.Join(corpus, f[0]))
		test, err := litmus.Parse(f[0], src)
		if err != nil {
			t.Error(err)
			continue
		}
		for k, mm := range []model.MemoryModel{model.SC, model.TSO} {
			start := time.Now()
			p, err := test.Program()
			if err != nil {
				t.Error(err)
				continue
			}
			ctx, cancel := context.WithTimeout(context.Background(), 4*time.Second)
			finals, err := explore.Finals(ctx, mm, p.Model, p.Vars...)
			cancel()
			if err != nil {
				t.Errorf("%s %s: %v", f[0], mm, err)
				continue
			}
			pos, neg := 0, 0
			for _, x := range finals {
				s := p.State(x)
				if !p.Counts(s) {
					continue
				}
				if p.Satisfies(s) {
					pos++
				} else {
					neg++
				}
			}
			word := "unreachable"
			if pos > 0 {
				word = "reachable"
			}
			if want := f[7+k]; want != "-" && want != word {
				t.Errorf("%s under %s: %s, want %s", f[0], mm, word, want)
			}
			if f[3] == "Never" && pos > 0 || f[3] == "Always" && neg > 0 || f[3] == "unreachable" && pos > 0 {
				t.Errorf("%s under %s: %d %d, LKMM says %s %s", f[0], mm, pos, neg, f[3], f[6])
			}
			if d := time.Since(start); d > 300*time.Millisecond {
				t.Logf("%s %s took %v", f[0], mm, d)
			}
		}
	}
}

func TestX86(t *testing.T) {
	data, _ := os.ReadFile(filepath.Join(corpus, "x86.tsv"))
	n := 0
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		if i == 0 {
			continue
		}
		f := strings.Split(line, "\t")
		src, _ := os.ReadFile(filepath.Join(corpus, f[0]))
		test, err := litmus.Parse(f[0], src)
		if err != nil {
			t.Error(err)
			continue
		}
		p, err := test.Program()
		if err != nil {
			t.Error(err)
			continue
		}
		good := true
		for k, mm := range []model.MemoryModel{model.SC, model.TSO} {
			finals, err := explore.Finals(context.Background(), mm, p.Model, p.Vars...)
			if err != nil {
				t.Errorf("%s %s: %v", f[0], mm, err)
				continue
			}
			pos, neg := 0, 0
			for _, x := range finals {
				if s := p.State(x); !p.Counts(s) {
				} else if p.Satisfies(s) {
					pos++
				} else {
					neg++
				}
			}
			word := "Sometimes"
			if pos == 0 {
				word = "Never"
			} else if neg == 0 {
				word = "Always"
			}
			valid := "not validated"
			if test.Quantifier.Validated(pos, neg) {
				valid = "validated"
			}
			if want := f[1+k]; want != "-" && want != word && want != valid {
				t.Errorf("%s under %s: %s %s, want %s", f[0], mm, word, valid, want)
				good = false
			}
		}
		if good {
			n++
		}
	}
	t.Logf("%d good", n)
}
