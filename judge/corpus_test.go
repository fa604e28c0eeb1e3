package judge_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ctcheck/judge"
	"ctcheck/model"
)

// public is where public litmus tests may lie, beside the project. They are not part of it.
const public = "../../shared/litmus"

// States that herd7 finds too stand in its order.
func TestOrderIsHerds(t *testing.T) {
	if _, err := os.Stat(public); err != nil {
		t.Skipf("the public tests are not there: %v", err)
	}
	outputs, err := filepath.Glob(filepath.Join(public, "herd", "*.expected"))
	if err != nil || len(outputs) == 0 {
		t.Fatalf("%d outputs of herd7, %v", len(outputs), err)
	}
	pairs := 0
	for _, out := range outputs {
		file := strings.TrimSuffix(out, ".expected")
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		o := judge.Decide(t.Context(), file, src, []model.MemoryModel{model.TSO}, judge.Limits{})[0]
		if !o.Known() {
			t.Errorf("%s", o.Why())
			continue
		}
		lines := strings.Split(string(text), "\n")
		if want := lines[0]; !strings.HasPrefix(herd(t, o), want+"\n") {
			t.Errorf("%s begins with %q", file, want)
		}
		if !strings.Contains(string(text), "\nCondition "+judge.Condition(o.Test)+"\n") {
			t.Errorf("%s: herd7 has another spelling of %s", file, judge.Condition(o.Test))
		}
		last := -1
		for _, s := range o.States {
			i := slices.Index(lines, s)
			if i < 0 {
				continue
			}
			if i < last {
				t.Errorf("%s: %s comes before %s", file, s, lines[last])
			}
			if last >= 0 {
				pairs++
			}
			last = i
		}
	}
	if pairs < 100 {
		t.Errorf("only %d pairs of states were compared", pairs)
	}
}
