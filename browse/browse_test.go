package browse

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ctcheck/explore"
	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
	"ctcheck/trace"
)

const host = "127.0.0.1:1234"

// explorer is one of a design.
func explorer(t *testing.T, name string, mm model.MemoryModel, change func(*models.Config),
	claims ...string) *Explorer {
	t.Helper()
	d, ok := models.Find(name)
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	c := models.DefaultConfig()
	if change != nil {
		change(&c)
	}
	p, err := d.Program(c)
	if err != nil {
		t.Fatal(err)
	}
	ms, err := props.Select(p, claims...)
	if err != nil {
		t.Fatal(err)
	}
	return &Explorer{Model: name, Summary: d.Summary, Command: "ctcheck explore -model " + name, Program: p,
		Monitors: ms, Memory: mm, Timeout: time.Minute}
}

// get asks for a page, and follows where it leads.
func get(t *testing.T, h http.Handler, address string) (status int, body, at string) {
	t.Helper()
	for range 3 {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "http://"+host+address, nil)
		h.ServeHTTP(w, r)
		if w.Code != http.StatusSeeOther {
			return w.Code, w.Body.String(), address
		}
		address = w.Header().Get("Location")
	}
	t.Fatal("it goes round in circles")
	return 0, "", ""
}

func handler(t *testing.T, e *Explorer) http.Handler {
	t.Helper()
	h, err := e.Handler(host)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

var (
	moveLink = regexp.MustCompile(`<a class="move [a-z]+" href="([^"]*)"`)
	said     = regexp.MustCompile(`<p class="message" role="alert">([^<]*)</p>`)
	titles   = regexp.MustCompile(`"title":"((?:[^"\\]|\\.)*)"`)
)

// links is where a page's moves lead.
func links(body string) []string {
	var ls []string
	for _, m := range moveLink.FindAllStringSubmatch(body, -1) {
		ls = append(ls, strings.ReplaceAll(m[1], "&amp;", "&"))
	}
	return ls
}

// The pages are the states: following every move from page to page meets every state of the program, and
// nothing else.
func TestMovesReachEveryState(t *testing.T) {
	for _, row := range []struct {
		name string
		mm   model.MemoryModel
		why  string
	}{
		{"valentin", model.SC, "one setter and an NMI"},
		{"luto", model.TSO, "store buffers"},
	} {
		e := explorer(t, row.name, row.mm, func(c *models.Config) {
			c.Setters, c.Works, c.Rounds, c.NMI = 1, 1, 1,
				1
		})
		m := machineOf(t, e)
		h := handler(t, e)
		seen := map[string]bool{}
		edges := 0
		for todo := []string{"/"}; len(todo) > 0; todo = todo[1:] {
			u, err := url.Parse(todo[0])
			if err != nil {
				t.Fatal(err)
			}
			path, _, err := trace.ParseAddress(u.Query().Get("path"), MostSteps)
			if err != nil {
				t.Fatal(err)
			}
			run, err := trace.Follow(m, path)
			if err != nil {
				t.Fatal(err)
			}
			state := fmt.Sprint(run.State)
			if seen[state] {
				continue
			}
			seen[state] = true
			status, body, _ := get(t, h, todo[0])
			if status != http.StatusOK {
				t.Fatalf("%s: %d", todo[0], status)
			}
			edges += len(links(body))
			todo = append(todo, links(body)...)
		}
		r, err := explore.Run(t.Context(), e.Program, nil, explore.Options{Memory: row.mm})
		if err != nil {
			t.Fatal(err)
		}
		if uint64(len(seen)) != r.States || uint64(edges) != r.Transitions {
			t.Errorf("%s (%s): %d states and %d moves, want %d and %d", row.name, row.why, len(seen), edges,
				r.States, r.Transitions)
		}
	}
}

// A counterexample is the report's, and the page of its last step has the property broken.
func TestCounterexamples(t *testing.T) {
	e := explorer(t, "peterz", model.SC, nil, "no-double-execution", "no-warn", "no-lost-work")
	h := handler(t, e)
	status, body, at := get(t, h, "/?goal=counterexample-0")
	r, err := explore.Run(t.Context(), e.Program, e.Monitors, explore.Options{Search: explore.BreadthFirst})
	if err != nil {
		t.Fatal(err)
	}
	var want []ir.Transition
	for _, s := range r.Properties[0].Trace.Steps {
		want = append(want, s.Transition)
	}
	if status != http.StatusOK || !strings.Contains(at, "path="+trace.Address(want, -1)) {
		t.Errorf("%d %s, want the path %s", status, at, trace.Address(want, -1))
	}
	if !strings.Contains(body, `"truth":"bo`) && !strings.Contains(body, `"truth":"bk`) {
		t.Errorf("no state of the page breaks the property:\n%s", body)
	}
	for goal, want := range map[string]string{
		"counterexample-2": "holds: none of 1419 states and no fair run violates it.",
		"violation-2":      "From there it cannot happen",
	} {
		if _, body, _ := get(t, h, "/?goal="+goal); !strings.Contains(say(body), want) {
			t.Errorf("%s: %q, want %q", goal, say(body), want)
		}
	}
}

func say(body string) string {
	if m := said.FindStringSubmatch(body); m != nil {
		return m[1]
	}
	return ""
}

// machineOf is the explorer's program as a machine of the test's own.
func machineOf(t *testing.T, e *Explorer, ms ...*model.Monitor) *machine.Machine {
	t.Helper()
	on := machine.Options{Memory: e.Memory}
	if e.Memory.HasBuffers() {
		on.BufferSizes = slices.Repeat([]int{explore.MaxBufferSize}, len(e.Program.CPUs))
	}
	m, err := machine.Compile(on, e.Program, ms...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Every goal is met by the last step of the way to it, and by none before; and from where it cannot happen the
// page says so. What can be reached is known by a search of all pairs of states and steps.
func TestWaysToEveryGoal(t *testing.T) {
	e := explorer(t, "valentin", model.SC, func(c *models.Config) { c.Setters, c.NMI = 1, 1 }, "no-warn")
	h := handler(t, e)
	m := machineOf(t, e, e.Monitors...)
	for _, g := range goals(m.Lowered()) {
		for _, gl := range g.goals {
			if gl.wanted == nil {
				continue
			}
			_, body, at := get(t, h, "/?goal="+gl.id)
			can := possible(t, m, gl)
			u, _ := url.Parse(at)
			path, _, err := trace.ParseAddress(u.Query().Get("path"), MostSteps)
			if err != nil {
				t.Fatal(err)
			}
			if met := len(path) > 0; met != can || !met && !strings.Contains(say(body), "cannot happen") {
				t.Errorf("%s: a way %v, possible %v, %q", gl.name, met, can, say(body))
			}
		}
	}
}

// possible reports whether a goal is met by any step from any state.
func possible(t *testing.T, m *machine.Machine, g goal) bool {
	t.Helper()
	s, _ := m.Initial()
	seen := map[string]bool{fmt.Sprint(s): true}
	todo := [][]uint64{slices.Clone(s)}
	for ; len(todo) > 0; todo = todo[1:] {
		for id := range m.Transitions() {
			dst := make([]uint64, m.Words())
			fx := machine.Effects{Record: &ir.Record{}}
			if !m.Fire(todo[0], id, dst, &fx) {
				continue
			}
			stuck := !m.Ended(dst)
			for k := range m.Transitions() {
				var f machine.Effects
				stuck = stuck && (m.Transition(k).Kind == ir.PushNMI || !m.Fire(dst, k, make([]uint64,
					m.Words()), &f))
			}
			if g.wanted(explore.StepInfo{Transition: m.Transition(id), Record: fx.Record,
				Failed:  fx.Failed | m.Violated(dst),
				Reached: fx.Reached | m.Reached(dst), Ended: m.Ended(dst), Stuck: stuck}) {
				return true
			}
			if key := fmt.Sprint(dst); !seen[key] {
				seen[key] = true
				todo = append(todo, dst)
			}
		}
	}
	return false
}

// A run that has no way to the goal any more is told so, and "from the start" finds it.
func TestFromHereAndFromTheStart(t *testing.T) {
	e := explorer(t, "valentin", model.SC, func(c *models.Config) { c.Setters, c.NMI = 1, 1 }, "no-warn")
	h := handler(t, e)
	_, _, at := get(t, h, "/?goal=end")
	if !strings.Contains(at, "path=") {
		t.Fatalf("no way to the end: %s", at)
	}
	id := ""
	for _, g := range goals(machineOf(t, e, e.Monitors...).Lowered()) {
		for _, gl := range g.goals {
			if strings.Contains(gl.name, "answered") && strings.Contains(gl.name, "true") {
				id = gl.id
			}
		}
	}
	if _, body, _ := get(t, h, at+"&goal="+id+"&from=here"); !strings.Contains(say(body), "cannot happen") {
		t.Errorf("after the end: %q", say(body))
	}
	if _, body, to := get(t, h, at+"&goal="+id+"&from=start"); say(body) != "" || to == at {
		t.Errorf("from the start: %q, %s", say(body), to)
	}
}

// What is not for the server, or asks too much, gets a line and an error.
func TestBadRequests(t *testing.T) {
	h := handler(t, explorer(t, "peterz", model.SC, nil, "no-warn"))
	long := strings.TrimSuffix(strings.Repeat("0-", MostSteps+1), "-")
	rows := []struct {
		method, host, address string
		header                [2]string
		status                int
		want, why             string
	}{
		{"GET", host, "/", [2]string{}, 200, "step by step", "the start"},
		{"HEAD", host, "/", [2]string{}, 200, "", "its head"},
		{"GET", "evil.example:1234", "/", [2]string{}, 421, "is not", "DNS rebinding"},
		{"GET", "127.0.0.1", "/", [2]string{}, 421, "is not", "another port"},
		{"GET", host, "/", [2]string{"Origin", "http://evil.example"}, 403, "may not ask", "another's page"},
		{"GET", host, "/", [2]string{"Origin", "null"}, 403, "may not ask", "a page without an origin"},
		{"GET", host, "/", [2]string{"Origin", "http://" + host}, 200, "step by step", "its own page"},
		{"POST", host, "/", [2]string{}, 405, "only read", "nothing is changed here"},
		{"GET", host, "/etc/passwd", [2]string{}, 404, "", "no files"},
		{"GET", host, "/?goal=deadlock", [2]string{"Sec-Fetch-Site", "cross-site"}, 403, "may not start",
			"a link elsewhere"},
		{"GET", host, "/?path=0", [2]string{"Sec-Fetch-Site", "cross-site"}, 200, "step by step",
			"a link in a mail"},
		{"GET", host, "/?path=9", [2]string{}, 400, "of a CPU that the program does not have", "no such CPU"},
		{"GET", host, "/?path=0-x", [2]string{}, 400, "step 2 of the run is &#34;x&#34;", "no step"},
		{"GET", host, "/?path=2n", [2]string{}, 400, "CPUy cannot do that there; what can come is 0, 1, 2",
			"no NMIs here"},
		{"GET", host, "/?path=2i0", [2]string{}, 400, "step 1 is &#34;2i0&#34;", "nothing was sent"},
		{"GET", host, "/?path=" + long, [2]string{}, 400, "more than 2000 steps", "too long"},
		{"GET", host, "/?goal=nonsense", [2]string{}, 400, "no goal", "no such goal"},
		{"GET", host, "/?of=peterz-12345678", [2]string{}, 409, "another design", "an address of something else"},
		{"GET", host, "/?of=<script>alert(1)</script>", [2]string{}, 409, "&lt;script&gt;", "markup is text"},
	}
	for _, row := range rows {
		r := httptest.NewRequest(row.method, "http://"+host, nil)
		var err error
		if r.URL, err = url.Parse(row.address); err != nil {
			t.Fatal(err)
		}
		r.Host = row.host
		if row.header[0] != "" {
			r.Header.Set(row.header[0], row.header[1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if body := w.Body.String(); w.Code != row.status || !strings.Contains(body, row.want) {
			t.Errorf("%s %s (%s): %d, want %d and %q:\n%.300s", row.method, row.address, row.why, w.Code,
				row.status,
				row.want, body)
		}
		if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("%s %s: the policy is %q", row.method, row.address, csp)
		}
	}
}

// A search that takes too long is cut, and the page does not say that something holds or cannot happen.
func TestSearchesAreBounded(t *testing.T) {
	e := explorer(t, "valentin", model.SC, func(c *models.Config) { c.Setters, c.Rounds = 6, 6 }, "no-warn")
	e.Timeout = 50 * time.Millisecond
	h := handler(t, e)
	for _, goal := range []string{"counterexample-0", "violation-0", "deadlock"} {
		begin := time.Now()
		_, body, _ := get(t, h, "/?goal="+goal)
		if m := say(body); !strings.Contains(m, "cut (timeout)") || strings.Contains(m, "holds") ||
			strings.Contains(m, "cannot") {
			t.Errorf("%s: %q", goal, m)
		}
		if took := time.Since(begin); took > 30*time.Second {
			t.Errorf("%s took %s", goal, took)
		}
	}
	e.Timeout, e.MaxBytes = time.Minute, 1<<20
	if _, body, _ := get(t, handler(t, e), "/?goal=deadlock"); !strings.Contains(say(body), "cut (max-memory)") {
		t.Errorf("little memory: %q", say(body))
	}
}

// A fault of the model is said on the page, not a crash.
func TestFaultyModels(t *testing.T) {
	p := model.New("faulty")
	x := p.Shared("x", model.UpTo(1), model.Int(0))
	p.CPU("CPU0").Run(p.Routine("count", func(r *model.Routine) {
		r.Forever(func() { r.AtomicAdd("x++", x, model.Int(1)) })
	}))
	h := handler(t, &Explorer{Model: "faulty", Program: p, Timeout: time.Minute})
	if status, body, _ := get(t, h, "/?path=0"); status != 200 || !strings.Contains(say(body),
		"outside its range") {
		t.Errorf("%d: %q", status, say(body))
	}
	if _, body, at := get(t, h, "/?goal=deadlock"); !strings.HasSuffix(at, "path=0") ||
		!strings.Contains(say(body), "fault of the model") {
		t.Errorf("the search leads to %q, which says %q", at, say(body))
	}
	other := p.CPU("CPU1")
	other.Run(p.Routine("rest", func(r *model.Routine) { r.Pause("rest") }))
	h = handler(t, &Explorer{Model: "faulty", Program: p, Timeout: time.Minute})
	if _, body, _ := get(t, h, "/?path=0"); !strings.Contains(say(body), "fault of the model") ||
		len(moveLink.FindAllString(body, -1)) != 1 {
		t.Errorf("beside a fault there is no other way on: %q", say(body))
	}
}

// The data of a page is JSON that ends no script.
func TestPagesDataIsJSON(t *testing.T) {
	h := handler(t, explorer(t, "luto", model.TSO, nil, "no-warn"))
	_, body, _ := get(t, h, "/?path=0-2-2")
	for _, m := range titles.FindAllStringSubmatch(body, -1) {
		var s string
		if err := json.Unmarshal([]byte(`"`+m[1]+`"`), &s); err != nil {
			t.Errorf("%s: %v", m[1], err)
		}
	}
	if n := strings.Count(body, "</script>"); n != 2 {
		t.Errorf("%d scripts end", n)
	}
}
