package cfront_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"ctcheck/cfront"
	"ctcheck/explore"
	"ctcheck/internal/plain"
	"ctcheck/model"
	"ctcheck/verdict"
)

// mistakes is, for each example, one line that is changed, and what that breaks.
var mistakes = map[string]struct{ line, instead, breaks string }{
	"ticket_lock.c": {"int ticket = atomic_fetch_inc(&l->next);",
		"int ticket = atomic_read(&l->next); atomic_inc(&l->next);", "assertions"},
	"mcs_lock.c": {"smp_cond_load_acquire(&node->locked, VAL);", "", "assertions"},
	"seqcount_nmi.c": {"*b = READ_ONCE(data[s & 1].b);", "*b = READ_ONCE(data[!(s & 1)].b);",
		"assertions"},
	"llist_irq_work.c": {"struct llist_node *node = llist_del_all(&todo);",
		"struct llist_node *node = READ_ONCE(todo.first); WRITE_ONCE(todo.first, NULL);", "all items are done"},
	"rcu_dynticks.c":   {"if (atomic_read(&dynticks) & 1)", "if (!(atomic_read(&dynticks) & 1))", "assertions"},
	"qspinlock_slow.c": {"!(VAL & (LOCKED | PENDING))", "!(VAL & LOCKED)", "assertions"},
}

// searched searches a protocol until its ranges are found.
func searched(t *testing.T, f *cfront.File, mm model.MemoryModel) (p *model.Program, r *verdict.Result) {
	t.Helper()
	err := explore.Widening(f.Widen, func() (err error) {
		if p, err = f.Program(); err != nil {
			return err
		}
		r, err = explore.Run(context.Background(), p, nil, explore.Options{Memory: mm,
			Search: explore.BreadthFirst})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return p, r
}

func violated(r *verdict.Result) (names []string) {
	for _, p := range r.Properties {
		if p.Violated {
			names = append(names, p.Name)
		}
	}
	return names
}

// Every example holds under both memory models, the plain explorer visits the same states, and a mistake in one
// line is found.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "examples", "*.c"))
	if err != nil || len(files) < 6 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
				p, r := searched(t, load(t, file), mm)
				if r.Verdict != verdict.Holds {
					t.Errorf("%s: %v is violated, the verdict is %v", mm, violated(r), r.Verdict)
				}
				if testing.Short() && r.States > 2000 {
					continue
				}
				if pr := plain.Explore(mm, p, nil, 1<<20); pr.Err != nil || uint64(pr.States) != r.States ||
					uint64(pr.Transitions) != r.Transitions {
					t.Errorf("%s: %d states and %d transitions, the plain explorer has %d and %d (%v)", mm,
						r.States,
						r.Transitions, pr.States, pr.Transitions, pr.Err)
				}
			}
			m, ok := mistakes[filepath.Base(file)]
			text, err := os.ReadFile(file)
			if err != nil || !ok || !bytes.Contains(text, []byte(m.line)) {
				t.Fatalf("no mistake to make (%v)", err)
			}
			if n := bytes.Count(text, []byte("\n")); n > 100 {
				t.Errorf("%d lines, the most is 100", n)
			}
			f, err := cfront.Load([]cfront.Source{{Name: file,
				Text: bytes.Replace(text, []byte(m.line), []byte(m.instead), 1)}}, cfront.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if _, r := searched(t, f, model.SC); !slices.Contains(violated(r), m.breaks) {
				t.Errorf("with %q instead of %q %q is not violated, but %q", m.instead, m.line, m.breaks,
					violated(r))
			}
		})
	}
}
