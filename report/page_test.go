package report_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ctcheck/explore"
	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
	"ctcheck/report"
	"ctcheck/verdict"
)

// pageStage is a run as a page's script sees it.
type pageStage struct {
	ID     string
	Props  []string
	Rows   []struct{ G, N string }
	States []struct {
		N     int
		Title string
		Set   []struct {
			R int
			T string
		}
		Truth string
		At    *struct{ L, I int }
	}
	Arrows []struct {
		F, T int
		K, V string
	}
}

var (
	styleOrScript = regexp.MustCompile(`(?s)<style>.*?</style>|<script>.*?</script>`)
	dataBlock     = regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`)
)

// pageOf is the page of reports without its style and its script, and the data in it.
func pageOf(t *testing.T, rs ...*report.Report) (string, []pageStage) {
	t.Helper()
	whole := written(t, "html", rs...)
	text := styleOrScript.ReplaceAllString(whole, "")
	m := dataBlock.FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no data in the page:\n%s", text)
	}
	var d struct{ Stages []pageStage }
	if err := json.Unmarshal([]byte(m[1]), &d); err != nil {
		t.Fatal(err)
	}
	return text, d.Stages
}

// values is the rows after some states, by group and name.
func (s pageStage) values(states int) map[string]string {
	vs := map[string]string{}
	for _, st := range s.States[:states] {
		for _, c := range st.Set {
			key := s.Rows[c.R].G + "/" + s.Rows[c.R].N
			vs[key] = c.T
			if c.T == "" {
				delete(vs, key)
			}
		}
	}
	return vs
}

// A page has every state of its runs, with every value, and its arrows lead from writes to the reads that saw
// them.
func TestPagesTellTheRun(t *testing.T) {
	nmis := models.DefaultConfig()
	nmis.NMI, nmis.NMIDepth = 2, 2
	for name, r := range map[string]*report.Report{
		"peterz": makeUnder(t, model.SC, "peterz", models.DefaultConfig(), breadthFirst, "no-double-execution"),
		"nmis":   makeUnder(t, model.SC, "valentin", nmis, breadthFirst, "no-warn", "no-double-execution"),
		"v8 tso": makeUnder(t, model.TSO, "valentin-v8", nmis, breadthFirst, "no-late-work", "no-set-in-kernel"),
		"luto tso": makeUnder(t, model.TSO, "luto", models.DefaultConfig(), breadthFirst, "no-needless-ipi",
			"no-ipi-in-user"),
		"lasso": ticketReport(t, false),
	} {
		t.Run(name, func(t *testing.T) {
			page, stages := pageOf(t, r)
			traces := r.Properties
			traces = slices.DeleteFunc(slices.Clone(traces), func(p verdict.Property) bool {
				return p.Trace == nil
			})
			if len(stages) != len(traces) || len(traces) == 0 {
				t.Fatalf("%d runs on the page, want %d", len(stages), len(traces))
			}
			boxes, pushes, unbroken := 0, 0, strings.ReplaceAll(page, `</span><span class="w">`, "")
			for i, p := range traces {
				tellsTheRun(t, r, stages[i], p)
				boxes += len(p.Trace.Steps) + 1
				for _, s := range p.Trace.Steps {
					if s.Transition.Kind == ir.PushIPI || s.Transition.Kind == ir.PushNMI {
						pushes++
					}
					if !strings.Contains(unbroken, `<span class="w">`+first(s.Statement())) {
						t.Errorf("no %s on the page", s.Statement())
					}
				}
			}
			if n := strings.Count(page, `role="listitem" class="box`); n != boxes {
				t.Errorf("%d boxes, want %d", n, boxes)
			}
			if n := strings.Count(page, `class="band ipi`) + strings.Count(page, `class="band nmi`); n != pushes {
				t.Errorf("%d handlers are drawn, want %d", n, pushes)
			}
		})
	}
}

// first is the first word of a statement as HTML has it.
func first(s string) string {
	w, _, _ := strings.Cut(s, " ")
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&#39;", `"`, "&#34;").Replace(w)
}

func tellsTheRun(t *testing.T, r *report.Report, st pageStage, p verdict.Property) {
	t.Helper()
	if st.ID != r.Memory.String()+"/"+p.Name || len(st.States) != len(p.Trace.Steps)+1 {
		t.Fatalf("%s has %d states, want those of %s", st.ID, len(st.States), p.Name)
	}
	now := map[*model.Var]int64{}
	for _, b := range p.Trace.Start {
		now[b.Var] = b.Value
	}
	for n := range st.States {
		if n > 0 {
			for _, c := range p.Trace.Steps[n-1].Changes {
				now[c.Var] = c.After
			}
		}
		vs := st.values(n + 1)
		for v, x := range now {
			group := "shared variables"
			if v.Kind == model.Ghost {
				group = "ghosts"
			}
			if got := vs[group+"/"+v.Name]; got != v.Format(x) {
				t.Errorf("%s, state %d: %s is %q, want %q", st.ID, n, v.Name, got, v.Format(x))
			}
		}
	}
	for n, s := range p.Trace.Steps {
		stmt := s.Stmt
		if s.Transition.Kind == ir.Flush {
			stmt = s.Stored.Stmt
			from := 0
			for _, a := range st.Arrows {
				if a.K == "flush" && a.T == n+1 {
					from = a.F
				}
			}
			if from == 0 || !cmp.Equal(st.States[from].At, st.States[n+1].At) {
				t.Errorf("%s, step %d: the store is not that of the step at which it began to wait", st.ID, n+1)
			}
		}
		if at := st.States[n+1].At; (at != nil) != (stmt != nil && stmt.Label != "IRET") { // no routine has that
			t.Errorf("%s, step %d: %s is at %v of the listings", st.ID, n+1, s.Statement(), at)
		}
	}
	if k := slices.Index(st.Props, p.Name); !p.Live && p.Trace.Loop < 0 {
		for n, s := range st.States {
			if broken := s.Truth[k] == 'b'; broken != (n == len(st.States)-1) {
				t.Errorf("%s, state %d: broken %v", st.ID, n, broken)
			}
		}
	}
	for _, a := range st.Arrows {
		if a.K != "reads" || r.Memory == model.TSO {
			continue
		}
		for n := a.F; n < a.T; n++ { // the writer writes, and nobody between the two
			writes := slices.ContainsFunc(p.Trace.Steps[n-1].Accesses, func(x ir.Access) bool {
				return x.Write && x.Var.Name == a.V
			})
			if writes != (n == a.F) {
				t.Errorf("%s: step %d reads %s from %d, but step %d writes: %v", st.ID, a.T, a.V, a.F, n, writes)
			}
		}
	}
}

// The arrows of a page are what each step read, and one from each store that waits to where it becomes visible.
func TestPagesDrawWhatWasRead(t *testing.T) {
	p := model.New("reads")
	x := p.Shared("x", model.Bits(4), model.Int(0))
	seen := p.Ghost("seen", model.Bits(4), model.Int(0))
	p.CPU("CPU0").Run(p.Routine("writer", func(r *model.Routine) {
		v := r.LocalOf("v", x)
		r.WriteOnce("x = 12", x, model.Int(12))
		r.WriteOncePart("x low = 3", x, model.Int(3), model.Int(3))
		r.ReadOnce("v = x", v, x)
		r.SmpMb()
		r.Pause("/* both are in memory */")
	}))
	p.CPU("CPU1").Run(p.Routine("reader", func(r *model.Routine) {
		v := r.LocalOf("v", x)
		r.CondLoadAcquire("v = x until 15", v, x, v.Eq(model.Int(15)))
		r.Set(seen, v)
	}))
	res, err := explore.Run(t.Context(), p, []*model.Monitor{props.Never("seen", seen.NonZero())},
		explore.Options{Memory: model.TSO})
	if err != nil {
		t.Fatal(err)
	}
	_, stages := pageOf(t, &report.Report{Model: "reads", Program: p, Result: res})
	run := res.Properties[0].Trace
	steps := run.Steps
	var drawn, want [][2]int
	for _, a := range stages[0].Arrows {
		if a.K == "reads" {
			drawn = append(drawn, [2]int{a.F, a.T})
		}
	}
	for n, reads := range run.ReadsFrom() {
		for _, rd := range reads {
			for _, from := range rd.From {
				want = append(want, [2]int{from + 1, n + 1})
			}
		}
	}
	if !slices.Equal(drawn, want) || len(want) == 0 {
		t.Errorf("arrows lead from and to %v, want %v", drawn, want)
	}
	flushes := 0
	for _, a := range stages[0].Arrows {
		if a.K == "flush" {
			flushes++
			if k := steps[a.T-1].Transition.Kind; k != ir.Flush || steps[a.F-1].Waits == nil {
				t.Errorf("an arrow of a store that waits leads from step %d to %d", a.F, a.T)
			}
		}
	}
	if flushes != 2 {
		t.Errorf("%d stores become visible, want 2", flushes)
	}
}

// The page of a small run, without its style and script.
func TestPageGolden(t *testing.T) {
	c := models.DefaultConfig()
	c.Setters, c.NMI = 1, 1
	page, _ := pageOf(t, makeReport(t, "valentin", c, explore.Options{}, "no-warn"))
	page = regexp.MustCompile(`\.go:\d+`).ReplaceAllString(page, ".go:0")
	page = regexp.MustCompile(`sha256-[^&']*`).ReplaceAllString(page, "sha256-0")
	golden(t, filepath.Join("formats", "page.html"), []byte(page))
}

// A search that was cut never says on a page that something holds.
func TestPagesOfBoundedSearches(t *testing.T) {
	r := makeReport(t, "valentin", models.DefaultConfig(), explore.Options{MaxStates: 10}, "no-warn")
	page, _ := pageOf(t, r)
	if regexp.MustCompile(`(?i)\bholds\b`).MatchString(page) {
		t.Errorf("a bounded search says holds:\n%s", page)
	}
}

// A long run is drawn in part, and the page says which.
func TestPagesOfLongRuns(t *testing.T) {
	for _, row := range []struct {
		steps, drawn int
		cut          string
	}{
		{1500, 1500, ""},
		{4000, 1500, "Steps 501 to 3000, 2500 in all, are not drawn"},
	} {
		p := model.New("long")
		x := p.Shared("x", model.UpTo(int64(row.steps)), model.Int(0))
		p.CPU("CPU0").Run(p.Routine("count", func(r *model.Routine) {
			r.Forever(func() { r.AtomicAdd("x++", x, model.Int(1)) })
		}))
		res, err := explore.Run(t.Context(), p, []*model.Monitor{props.Never("the end",
			x.Eq(model.Int(row.steps)))}, explore.Options{First: true})
		if err != nil {
			t.Fatal(err)
		}
		page, stages := pageOf(t, &report.Report{Model: "long", Program: p, Result: res})
		if n := len(stages[0].States); n != row.drawn+1 {
			t.Errorf("%d steps: %d states, want %d", row.steps, n, row.drawn+1)
		}
		if !strings.Contains(page, row.cut) || strings.Contains(page, "not drawn") != (row.cut != "") {
			t.Errorf("%d steps: the page does not say %q", row.steps, row.cut)
		}
		if got := stages[0].values(row.drawn + 1)["shared variables/x"]; got != fmt.Sprint(row.steps) {
			t.Errorf("%d steps: x is %s in the end", row.steps, got)
		}
		if len(page) > 4<<20 {
			t.Errorf("%d steps: the page has %d bytes", row.steps, len(page))
		}
	}
}

// What is in a label stays text: it opens no tag, and ends no script.
func TestHostileLabelsOnPages(t *testing.T) {
	r := hostileReport(t)
	page := written(t, "html", r)
	if n := strings.Count(page, "<script"); n != 2 {
		t.Errorf("%d scripts, want 2", n)
	}
	if strings.Contains(page, "<b>") {
		t.Error("a label opens a tag")
	}
	if _, stages := pageOf(t, r); len(stages) != 1 || !strings.Contains(stages[0].States[1].Title, "<b>") {
		t.Errorf("the data does not have the label: %+v", stages)
	}
}
