package models

import (
	"fmt"
	"strings"
	"testing"

	"ctcheck/deferral"
	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
)

// A story is a run that a design's author describes: what is deferred is flushed by the next entry,
// and who is refused sends an IPI. A wrong reading of the design would not have it among its runs.
type story struct {
	designs string // with single spaces between them
	says    string
	run     string // a line a step: the CPU, the start of the statement, and what came of it
}

// outcome is what a step means to those who wait for the work.
func outcome(rec ir.Record) string {
	var out []string
	for _, ev := range rec.Events {
		switch ev.Kind {
		case deferral.Answered:
			out = append(out, map[bool]string{true: "deferred", false: "refused"}[ev.Value != 0])
		case deferral.Ran:
			out = append(out, fmt.Sprint("runs by ", ev.Subject))
		case model.Warned:
			out = append(out, "warns")
		}
	}
	return strings.Join(out, ", ")
}

// take looks for a transition of the CPU whose statement begins as the line says, and takes it.
func take(t *testing.T, m *machine.Machine, s []uint64, line string) []uint64 {
	t.Helper()
	step, want, _ := strings.Cut(line, " => ")
	cpu, stmt, _ := strings.Cut(strings.TrimSpace(step), ": ")
	var enabled []string
	for id := range m.Transitions() {
		tr := m.Transition(id)
		if m.Program.CPUs[tr.CPU].Name != cpu {
			continue
		}
		dst := make([]uint64, m.Words())
		fx := machine.Effects{Record: &ir.Record{}}
		if !m.Fire(s, id, dst, &fx) {
			continue
		}
		if fx.Err != nil {
			t.Fatal(fx.Err)
		}
		label := map[ir.TransitionKind]string{ir.PushIPI: "IPI", ir.PushNMI: "NMI"}[tr.Kind]
		if tr.Kind == ir.Step {
			label = fx.Record.Stmt.Label
		}
		enabled = append(enabled, label)
		if strings.HasPrefix(label, strings.TrimSpace(stmt)) {
			if got := outcome(*fx.Record); got != want {
				t.Fatalf("%s: it means %q, want %q", line, got, want)
			}
			return dst
		}
	}
	t.Fatalf("%s: %s can only do: %s", line, cpu, strings.Join(enabled, " | "))
	return nil
}

func TestStories(t *testing.T) {
	told := map[string]bool{}
	c := DefaultConfig()
	c.Setters, c.Works, c.NMI = 1, 1, 1
	for _, st := range stories {
		for name := range strings.FieldsSeq(st.designs) {
			told[name] = true
			t.Run(name+"/"+strings.ReplaceAll(st.says, " ", "_"), func(t *testing.T) {
				d, ok := Find(name)
				if !ok {
					t.Fatal("there is no such design")
				}
				p, err := d.Program(c)
				if err != nil {
					t.Fatal(err)
				}
				m, err := machine.Compile(machine.Options{}, p)
				if err != nil {
					t.Fatal(err)
				}
				s, _ := m.Initial()
				for line := range strings.Lines(st.run) {
					if line = strings.TrimSpace(line); line != "" {
						s = take(t, m, s, line)
					}
				}
			})
		}
	}
	for _, d := range All() {
		if !told[d.Name] {
			t.Errorf("%s has no story", d.Name)
		}
	}
}
