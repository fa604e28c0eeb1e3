package litmus_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/internal/plain"
	"ctcheck/litmus"
	"ctcheck/model"
)

const own = "../testdata/litmus"

// read parses a test of a file.
func read(t testing.TB, file string) *litmus.Test {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	test, err := litmus.Parse(file, src)
	if err != nil {
		t.Fatal(err)
	}
	return test
}

func program(t testing.TB, test *litmus.Test) *litmus.Program {
	t.Helper()
	p, err := test.Program()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// states is the final states of a test, distinct and in order.
func states(t testing.TB, mm model.MemoryModel, p *litmus.Program) []string {
	t.Helper()
	finals, err := explore.Finals(context.Background(), mm, p.Model, p.Vars...)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, x := range finals {
		out = append(out, p.Format(p.State(x)))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// plainStates is the same by the other explorer.
func plainStates(t testing.TB, mm model.MemoryModel, p *litmus.Program) []string {
	t.Helper()
	r := plain.Explore(mm, p.Model, nil, 500_000)
	if r.Err != nil || r.Truncated {
		t.Fatalf("%s under %s: %v, cut %t", p.Test.Name, mm, r.Err, r.Truncated)
	}
	var out []string
	for f := range r.Finals {
		all := strings.Fields(f)
		var values []int64
		for _, v := range p.Vars {
			x, err := strconv.ParseInt(all[slices.Index(p.Model.Vars, v)], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, x)
		}
		out = append(out, p.Format(p.State(values)))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ownTests is the files of our own tests.
func ownTests(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(own + "/*.litmus")
	if err != nil || len(files) < 70 {
		t.Fatalf("%d tests, %v", len(files), err)
	}
	return files
}

// wanted reads the table of final states, for each test those under each memory model.
func wanted(t *testing.T) map[string]map[model.MemoryModel][]string {
	t.Helper()
	data, err := os.ReadFile(own + "/states.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]map[model.MemoryModel][]string{}
	name := ""
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\n")
		state, isState := strings.CutPrefix(line, "\t")
		switch more, isTSO := strings.CutPrefix(state, "tso "); {
		case line == "" || line[0] == '#':
		case !isState:
			name = line
			want[name] = map[model.MemoryModel][]string{}
		case isTSO:
			want[name][model.TSO] = append(want[name][model.TSO], more)
		default:
			want[name][model.SC] = append(want[name][model.SC], state)
			want[name][model.TSO] = append(want[name][model.TSO], state)
		}
	}
	return want
}

// Every test of our own has exactly the final states that the table says, by both explorers.
func TestStates(t *testing.T) {
	want := wanted(t)
	for _, file := range ownTests(t) {
		p := program(t, read(t, file))
		name := strings.TrimSuffix(filepath.Base(file), ".litmus")
		if want[name] == nil {
			t.Errorf("states.txt does not speak of %s", name)
		}
		if p.Test.Name != name {
			t.Errorf("%s is called %s inside", name, p.Test.Name)
		}
		for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
			expected := slices.Sorted(slices.Values(want[name][mm]))
			if got := states(t, mm, p); !slices.Equal(got, expected) {
				t.Errorf("%s under %s: the final states are\n%s\nwant\n%s", name, mm, strings.Join(got, "\n"),
					strings.Join(expected, "\n"))
			}
			if got := plainStates(t, mm, p); !slices.Equal(got, expected) {
				t.Errorf("%s under %s: by the plain explorer they are\n%s\nwant\n%s", name, mm,
					strings.Join(got, "\n"),
					strings.Join(expected, "\n"))
			}
		}
		delete(want, name)
	}
	for name := range want {
		t.Errorf("states.txt speaks of %s, which is not there", name)
	}
}

// Readers that begin and end within the accesses beside them have the same final states as those that do so by
// steps of their own.
func TestReadersApart(t *testing.T) {
	for _, file := range append(ownTests(t), corpusFiles(t, "rcu_read_lock", "srcu_")...) {
		test := read(t, file)
		if len(test.Threads) > 3 {
			continue
		}
		p := program(t, test)
		apart, err := test.ProgramApart()
		if err != nil {
			t.Fatal(err)
		}
		for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
			if got, want := states(t, mm, p), states(t, mm, apart); !slices.Equal(got, want) {
				t.Errorf("%s under %s: the final states are\n%s\nwith readers apart\n%s", test.Name, mm,
					strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
}

// A barrier behind every access leaves no difference between x86-TSO and sequential consistency.
func TestBarriersEverywhere(t *testing.T) {
	for _, file := range ownTests(t) {
		test := read(t, file)
		sc := states(t, model.SC, program(t, test))
		test.WithBarriers()
		p := program(t, test)
		if got := states(t, model.SC, p); !slices.Equal(got, sc) {
			t.Errorf("%s under sc: with barriers the final states are\n%s\nwithout\n%s", test.Name,
				strings.Join(got, "\n"), strings.Join(sc, "\n"))
		}
		if got := states(t, model.TSO, p); !slices.Equal(got, sc) {
			t.Errorf("%s under tso: with barriers the final states are\n%s\nunder sc\n%s", test.Name,
				strings.Join(got, "\n"), strings.Join(sc, "\n"))
		}
	}
}
