package models

import (
	"slices"
	"strings"
	"testing"

	"ctcheck/deferral"
	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/verdict"
)

// A mutant is a design with one thing broken: its statements are data, so the tests edit them. Every
// property must fail on some mutant (or design), or it would prove nothing where it holds.

// edit rewrites every list of statements of the program, innermost first.
func edit(p *model.Program, f func(stmts []*model.Stmt) []*model.Stmt) {
	seen := map[*model.Routine]bool{}
	var list func(stmts []*model.Stmt) []*model.Stmt
	var routine func(r *model.Routine)
	list = func(stmts []*model.Stmt) []*model.Stmt {
		for _, s := range stmts {
			s.Body, s.Else = list(s.Body), list(s.Else)
			for i := range s.Alts {
				s.Alts[i].Body = list(s.Alts[i].Body)
			}
			if s.Call != nil {
				routine(s.Call)
			}
		}
		return f(stmts)
	}
	routine = func(r *model.Routine) {
		if r != nil && !seen[r] {
			seen[r] = true
			r.Body = list(r.Body)
		}
	}
	for _, c := range p.CPUs {
		routine(c.Main)
		routine(c.NMI)
		for _, ipi := range c.IPIs {
			routine(ipi.Handler)
		}
	}
}

// drop removes the statements that match, and reports a mutant that mutates nothing.
func drop(t *testing.T, match func(s *model.Stmt) bool) func(p *model.Program) {
	return func(p *model.Program) {
		n := 0
		edit(p, func(stmts []*model.Stmt) []*model.Stmt {
			return slices.DeleteFunc(stmts, func(s *model.Stmt) bool {
				if match(s) {
					n++
					return true
				}
				return false
			})
		})
		if n == 0 {
			t.Error("the mutant is the design itself")
		}
	}
}

func labelled(prefix string) func(s *model.Stmt) bool {
	return func(s *model.Stmt) bool { return strings.HasPrefix(s.Label, prefix) }
}

func calls(name string) func(s *model.Stmt) bool {
	return func(s *model.Stmt) bool { return s.Kind == model.StmtCall && s.Call.Name == name }
}

// ignoreDisabled makes set_work try again until it succeeds.
func ignoreDisabled(p *model.Program) {
	edit(p, func(stmts []*model.Stmt) []*model.Stmt {
		for _, s := range stmts {
			if s.Kind == model.StmtWhile && s.Cond.Op == model.OpAnd && s.Cond.A.Op == model.OpLacks {
				s.Cond = s.Cond.B
			}
		}
		return stmts
	})
}

// rereadWhileDisabled makes set_work look again as long as it finds DISABLED.
func rereadWhileDisabled(p *model.Program) {
	edit(p, func(stmts []*model.Stmt) []*model.Stmt {
		for i, s := range stmts {
			if s.Label == "old_work = atomic_read(&ct->work)" {
				again := &model.Stmt{Kind: model.StmtDoWhile, Body: []*model.Stmt{s},
					Cond: s.Dst.Has(workDisabled).Node()}
				return slices.Replace(stmts, i, i+1, again)
			}
		}
		return stmts
	})
}

// spinInEntry makes the kernel's entry wait, before it does anything, while work is queued.
func spinInEntry(p *model.Program) {
	var work *model.Var
	for _, v := range p.Vars {
		if v.Name == "ct->work" {
			work = v
		}
	}
	edit(p, func(stmts []*model.Stmt) []*model.Stmt {
		for i, s := range stmts {
			if s.Kind == model.StmtFrame && s.Frame == model.Entry {
				spin := p.Routine("wait_for_nobody", func(r *model.Routine) {
					w := r.LocalOf("w", work)
					r.DoWhile(func() { r.AtomicRead("w = atomic_read(&ct->work)", w, work) }, w.NonZero())
				})
				stmts[i].Body = slices.Insert(s.Body, 0, &model.Stmt{Kind: model.StmtCall, Call: spin})
			}
		}
		return stmts
	})
}

// alwaysIPI sends the IPI whatever set_work answers.
func alwaysIPI(p *model.Program) {
	edit(p, func(stmts []*model.Stmt) []*model.Stmt {
		for _, s := range stmts {
			if s.Kind == model.StmtIf && len(s.Body) == 1 && s.Body[0].Kind == model.StmtSend {
				s.Cond = model.True.Node()
			}
		}
		return stmts
	})
}

// flushFirst moves the flush before the step that leaves user mode.
func flushFirst(p *model.Program) {
	edit(p, func(stmts []*model.Stmt) []*model.Stmt {
		i := slices.IndexFunc(stmts, func(s *model.Stmt) bool {
			return s.Kind == model.StmtIf && len(s.Body) == 1 && calls("ct_work_flush")(s.Body[0])
		})
		if i < 0 {
			return stmts
		}
		flush := stmts[i]
		return slices.Insert(slices.Delete(stmts, i, i+1), 1, flush)
	})
}

// everyProperty has, for each property, a design or a mutant that violates it.
func everyProperty(t *testing.T) []mutantRow {
	return []mutantRow{
		{"no-double-execution", "valentin", nil, alwaysIPI, "deferred and sent as an IPI as well"},
		{"no-lost-work", "valentin", nil, drop(t, calls("ct_work_flush")), "deferred work is never flushed"},
		{"no-lost-work", "valentin", nil, drop(t, func(s *model.Stmt) bool { return s.Kind == model.StmtSend }),
			"a refused request sends no IPI"},
		{"no-lost-work", "off", func(c *Config) { c.Rounds = 0 },
			drop(t, func(s *model.Stmt) bool { return s.Event == deferral.Ran }),
			"the IPI's handler runs nothing; there is no end of the run to notice it at"},
		{"no-lost-work", "valentin", func(c *Config) { c.Rounds = 0 }, drop(t, calls("ct_work_flush")),
			"as above, for deferred work: the next entry is over and it has not run"},
		{"no-flush-in-user", "valentin", nil, flushFirst, "the callback runs before RCU is watching"},
		{"no-late-work", "valentin", nil, ignoreDisabled, "a request is taken while the body runs"},
		{"no-late-work-in-nmi", "valentin", func(c *Config) { c.NMI = 1 }, drop(t, calls("ct_nmi_enter")),
			"an NMI from user mode does not flush"},
		{"no-set-in-kernel", "valentin", nil, ignoreDisabled, "a request is taken past the flush"},
		{"no-warn", "valentin", nil, drop(t, labelled("arch_atomic_set(&ct->work, 0)")),
			"DISABLED is never cleared, so the next fetch finds it"},
		{"no-starved-set", "valentin-v7", func(c *Config) { c.Setters, c.Rounds = 1, 0 }, nil,
			"the target comes and goes so that every attempt of the call finds another state"},
		{"terminates", "valentin", nil, rereadWhileDisabled,
			"set_work waits for a target that waits for it"},
		{"terminates", "valentin", func(c *Config) { c.Rounds = 0; c.Self = true }, rereadWhileDisabled,
			"the target waits for itself to leave the kernel"},
		{"terminates", "valentin", func(c *Config) { c.Rounds = 0 }, spinInEntry,
			"the entry waits for the flush that comes after it"},
		{"no-lost-work", "valentin", func(c *Config) { c.Rounds = 0 }, spinInEntry,
			"no entry is ever over, so that only whole runs can tell that the work is lost"},
		{"no-needless-ipi", "off", nil, nil, "an IPI though the target is in user mode all the time"},
		{"no-starved-ipi", "frederic-csd", func(c *Config) { c.Urgent = 1 }, nil,
			"an urgent item behind one that waits for the next entry"},
		{"no-ipi-in-user", "valentin", nil, nil, "refused in the kernel, delivered in user mode"},
		{"no-data-race", "valentin-v8", nil, nil, "the setter's plain read of the flag that the target writes"},
	}
}

type mutantRow struct {
	property string
	model    string
	change   func(c *Config)
	mutate   func(p *model.Program)
	why      string
}

func TestEveryPropertyFailsSomewhere(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range everyProperty(t) {
		seen[row.property] = true
		d, _ := Find(row.model)
		p, err := d.Program(with(row.change))
		if err != nil {
			t.Fatal(err)
		}
		if row.mutate != nil {
			row.mutate(p)
		}
		r := search(t, p, explore.Options{}, row.property)
		if !slices.ContainsFunc(r.Properties, func(pr verdict.Property) bool {
			return pr.Name == row.property && pr.Violated && len(pr.Trace.Steps) > 0
		}) {
			t.Errorf("%s does not fail on %s, mutated: %s", row.property, row.model, row.why)
		}
	}
	for _, name := range props.Names() {
		if !seen[name] {
			t.Errorf("no mutant for %s", name)
		}
	}
}

func TestDeadlockIsFound(t *testing.T) {
	// The target's last wait is for something that never comes.
	d, _ := Find("off")
	p, err := d.Program(DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	edit(p, func(stmts []*model.Stmt) []*model.Stmt {
		i := slices.IndexFunc(stmts, func(s *model.Stmt) bool { return s.Kind == model.StmtAwait })
		if i >= 0 {
			stmts[i].Cond = model.False.Node()
		}
		return stmts
	})
	r := search(t, p, explore.Options{})
	if got, want := violated(r), "terminates "+model.NoDeadlock; got != want {
		t.Errorf("violated: %q, want %q: the target waits for ever", got, want)
	}
	n := len(r.Properties)
	if !r.Properties[n-2].Trace.SameRun(r.Properties[n-1].Trace) {
		t.Error("terminates and no-deadlock tell of two runs, so that the report draws both")
	}
}
