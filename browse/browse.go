// Package browse lets a person walk through the states of a program with a browser: a page for each run, with what
// each CPU may do next (IPIs, NMIs and store buffers included), the way back, and on request the
// shortest way to an event, a statement or a violation, or a counterexample.
//
// The run is in the address of its page, so that it can be sent. Nothing is kept between requests but what a
// search of the whole has found.
//
// The server is for the person at this machine. It answers only to its own names, only requests that read, serves
// only its own page, and bounds what a request may ask for. What it cannot do: it has no users and no
// encryption, so do not put it on a network.
package browse

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"ctcheck/explore"
	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/report"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// MostSteps is the most steps of a run that is walked along.
const MostSteps = 2000

// An Explorer is what is walked through, and the bounds of each search.
type Explorer struct {
	Model, Summary string
	Command        string // that starts this explorer, for the page
	Program        *model.Program
	Monitors       []*model.Monitor
	Memory         model.MemoryModel
	Timeout        time.Duration // of one search
	MaxBytes       uint64        // bytes of one search; 0 means no bound
}

// A server answers requests about one explorer.
type server struct {
	*Explorer
	session *explore.Session
	of      string // which program it is, so that an address of another one is noticed
	groups  []group
	turn    chan struct{} // one search at a time
	mu      sync.Mutex
	whole   *verdict.Result // of the search of the whole, once it was made
}

// Handler is the explorer's pages. The hosts are the names and ports under which the server can be reached. The
// error is a fault of the program.
func (e *Explorer) Handler(hosts ...string) (http.Handler, error) {
	session, err := explore.NewSession(e.Program, e.Monitors, explore.Options{Memory: e.Memory})
	if err != nil {
		return nil, err
	}
	s := &server{Explorer: e, session: session, groups: goals(session.Lowered()), turn: make(chan struct{}, 1)}
	s.of = s.fingerprint()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.serve)
	return guard(hosts, mux), nil
}

// Walkable takes the steps of a run. The error says which of them cannot be taken, or is a fault of the program.
func (e *Explorer) Walkable(path []ir.Transition) error {
	session, err := explore.NewSession(e.Program, e.Monitors, explore.Options{Memory: e.Memory})
	if err == nil {
		_, err = session.Play(path)
	}
	return err
}

// Address is where the page of a run is, on the server.
func (e *Explorer) Address(path []ir.Transition) string {
	if len(path) == 0 {
		return "/"
	}
	return "/?path=" + trace.Address(path, -1)
}

// fingerprint tells programs and configurations apart.
func (s *server) fingerprint() string {
	h := sha256.New()
	fmt.Fprintln(h, s.Command, s.Memory, s.session.Lowered().Properties)
	for _, t := range s.session.Transitions() {
		fmt.Fprintln(h, t)
	}
	for st := range s.Program.Statements() {
		fmt.Fprintln(h, st.Kind, st.Label, st.Op, st.Order)
	}
	return fmt.Sprintf("%s-%x", s.Model, h.Sum(nil)[:4])
}

// serve is the page of one run.
func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if of := q.Get("of"); of != "" && of != s.of {
		fail(w, http.StatusConflict, fmt.Errorf("this address is of %.80q, and here is %q: another design, "+
			"configuration or version; start the explorer that it was made with", of, s.of))
		return
	}
	path, _, err := trace.ParseAddress(q.Get("path"), MostSteps)
	if err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	t, err := s.session.Play(path)
	if err != nil {
		fail(w, http.StatusBadRequest, fmt.Errorf("this path cannot be walked: %w", err))
		return
	}
	message := ""
	if id := q.Get("goal"); id != "" {
		if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
			fail(w, http.StatusForbidden, errors.New("another site may not start a search"))
			return
		}
		var to []ir.Transition
		if to, message, err = s.lead(r.Context(), path, id, q.Get("from") == "start"); err != nil {
			fail(w, http.StatusBadRequest, err)
			return
		}
		if message == "" {
			http.Redirect(w, r, s.address(to), http.StatusSeeOther)
			return
		}
	}
	wk, err := s.walk(t, path, q.Get("goal"))
	if err != nil {
		message = err.Error()
	}
	wk.Message = message
	var page strings.Builder
	if err := wk.Write(&page); err != nil {
		fail(w, http.StatusInternalServerError, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(page.String())) // a reader that went away is no concern of the server's
}

// walk is the page of a run.
func (s *server) walk(t *trace.Trace, path []ir.Transition, chosen string) (*report.Walk, error) {
	wk := &report.Walk{Model: s.Model, Summary: s.Summary, Command: s.Command, Of: s.of,
		Path: trace.Address(path, -1), Trace: t, Restart: s.address(nil)}
	if len(path) > 0 {
		wk.Back = s.address(path[:len(path)-1])
	}
	for _, g := range s.groups {
		rg := report.GoalGroup{Name: g.name}
		for _, gl := range g.goals {
			rg.Goals = append(rg.Goals, report.Goal{ID: gl.id, Name: gl.name, Chosen: gl.id == chosen})
		}
		wk.Goals = append(wk.Goals, rg)
	}
	if len(path) == MostSteps {
		return wk, fmt.Errorf("the run has %d steps, the most that are shown", MostSteps)
	}
	next, err := t.Next()
	if err != nil {
		err = fmt.Errorf("one of the next steps, which is not offered, is a fault of the model: %w", err)
	}
	for _, step := range next {
		to := append(path[:len(path):len(path)], step.Transition)
		wk.Next = append(wk.Next, report.Move{Step: step, Address: s.address(to)})
	}
	return wk, err
}

// address is that of a run's page.
func (s *server) address(path []ir.Transition) string {
	return "/?of=" + url.QueryEscape(s.of) + "&path=" + trace.Address(path, -1)
}

// lead is the run that leads to a goal, or what is to be said instead.
func (s *server) lead(ctx context.Context, path []ir.Transition, id string,
	restart bool) (to []ir.Transition, message string, err error) {
	g := s.find(id)
	if g == nil {
		return nil, "", fmt.Errorf("there is no goal %.40q", id)
	}
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, "Another search was under way for too long.", nil
	}
	if g.wanted == nil {
		return s.counterexample(ctx, g)
	}
	if restart {
		path = nil
	}
	way, err := s.session.Nearest(ctx, path, g.wanted, explore.Options{MaxBytes: s.MaxBytes})
	if err != nil {
		return beforeFault(err)
	}
	to = append(path[:len(path):len(path)], way.Steps...)
	switch {
	case way.Found && len(to) > MostSteps:
		return nil, tooLong("The shortest way to it", len(to)), nil
	case way.Found:
		return to, "", nil
	case way.Bound != verdict.NoBound:
		return nil, fmt.Sprintf("Not found: %q did not come up in the %d states that were looked at before the "+
			"search was cut (%s).", g.name, way.States, way.Bound), nil
	}
	return nil, fmt.Sprintf("From there it cannot happen: %q does not come up in any of the %d states that can be "+
		"reached.", g.name, way.States), nil
}

// beforeFault is the run to where a fault of the program comes next, which that page says, or what is to be said of
// an error.
func beforeFault(err error) (to []ir.Transition, message string, _ error) {
	var f *trace.Fault
	if !errors.As(err, &f) || f.Trace == nil {
		return nil, "The search ended with a fault of the model: " + err.Error(), nil
	}
	steps := f.Trace.Steps[:len(f.Trace.Steps)-1]
	if len(steps) > MostSteps {
		return nil, tooLong("The run to a fault of the model", len(steps)), nil
	}
	for _, st := range steps {
		to = append(to, st.Transition)
	}
	return to, "", nil
}

func tooLong(what string, steps int) string {
	return fmt.Sprintf("%s has %d steps, and at most %d are shown.", what, steps, MostSteps)
}

func (s *server) find(id string) *goal {
	for _, g := range s.groups {
		for i := range g.goals {
			if g.goals[i].id == id {
				return &g.goals[i]
			}
		}
	}
	return nil
}

// counterexample is the trace that the search of the whole has of a property.
func (s *server) counterexample(ctx context.Context, g *goal) ([]ir.Transition, string, error) {
	r, err := s.search(ctx)
	if err != nil {
		return beforeFault(err)
	}
	for _, p := range r.Properties {
		switch {
		case p.Name != g.property:
		case p.Trace != nil && len(p.Trace.Steps) > MostSteps:
			return nil, tooLong("The counterexample", len(p.Trace.Steps)), nil
		case p.Trace != nil:
			return p.Trace.Path(), "", nil
		case r.Holds(p):
			return nil, fmt.Sprintf("%s holds: none of %d states and no fair run violates it.", p.Name,
				r.States), nil
		default:
			return nil, fmt.Sprintf("No counterexample of %s so far: the search was cut (%s) after %d states.",
				p.Name, r.Bound, r.States), nil
		}
	}
	return nil, "", fmt.Errorf("there is no property %q", g.property)
}

// search is the search of the whole, which is kept if it was complete.
func (s *server) search(ctx context.Context) (*verdict.Result, error) {
	s.mu.Lock()
	kept := s.whole
	s.mu.Unlock()
	if kept != nil {
		return kept, nil
	}
	r, err := explore.Run(ctx, s.Program, s.Monitors, explore.Options{Memory: s.Memory,
		Search: explore.BreadthFirst, Workers: 1, MaxBytes: s.MaxBytes})
	if err == nil && r.Complete {
		s.mu.Lock()
		s.whole = r
		s.mu.Unlock()
	}
	return r, err
}
