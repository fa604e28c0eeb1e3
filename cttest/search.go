package cttest

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	humanize "github.com/dustin/go-humanize"

	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/verdict"
)

// This file makes the searches: in the time that the test has, and told about while they run.

// progressEvery is how often a search says where it stands.
var progressEvery = 10 * time.Second

// run is the engine; tests put another one in its place.
var run = explore.Run

// search makes the search of an assertion. The test stops if the protocol is faulty.
func (o Options) search(t testing.TB, p *model.Program, claims []*model.Monitor) *verdict.Result {
	t.Helper()
	if len(claims) == 0 {
		claims = props.Default(p)
	}
	ctx, last, cancel := o.within(t)
	defer cancel()
	var progress explore.Progress
	var r *verdict.Result
	var err error
	done := make(chan struct{})
	stop := tell(t, p.Name, &progress)
	go func() {
		defer close(done)
		r, err = run(ctx, p, claims, explore.Options{Memory: o.Memory, Search: explore.BreadthFirst,
			Workers: runtime.NumCPU(), MaxStates: o.MaxStates, MaxBytes: o.MaxBytes, Progress: &progress})
	}()
	select {
	case <-done:
		stop()
	case <-last: // it is left to itself
		stop()
		t.Fatalf("%s: INCOMPLETE: the time of the test is up, and the search is still busy: %s", p.Name,
			where(progress.Status()))
	}
	if err != nil {
		t.Fatal(fault(t, p, err))
	}
	return r
}

// within is a context that ends when the search has to: after the time of the options, or when the test has little
// left. A test that did not end by itself would end in a panic of the test binary, which says nothing of the
// search and takes all other tests with it. A search that was cut still looks for the runs of what it found
// violated, which may take long: last says when even that has to end.
func (o Options) within(t testing.TB) (ctx context.Context, last <-chan time.Time, cancel context.CancelFunc) {
	var end time.Time
	if o.Timeout > 0 {
		end = time.Now().Add(o.Timeout)
	}
	if d, knows := t.(interface{ Deadline() (time.Time, bool) }); knows {
		if at, limited := d.Deadline(); limited {
			left := time.Until(at)
			last = time.After(left - margin(left)/2)
			if soon := at.Add(-margin(left)); end.IsZero() || soon.Before(end) {
				end = soon
			}
		}
	}
	if end.IsZero() {
		ctx, cancel = context.WithCancel(context.Background())
	} else {
		ctx, cancel = context.WithDeadline(context.Background(), end)
	}
	return ctx, last, cancel
}

// margin is what a search leaves of the time that is left, for what comes after it: runs, the report, and the
// tests that follow.
func margin(left time.Duration) time.Duration {
	return min(max(left/10, 3*time.Second), max(left/2, 0))
}

// tell has the log of the test say every so often where a search stands, until stop is called.
func tell(t testing.TB, name string, p *explore.Progress) (stop func()) {
	begin, quit, gone := time.Now(), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
				t.Logf("%s: %s, %s", name, where(p.Status()), time.Since(begin).Round(time.Second))
			}
		}
	}()
	return func() {
		close(quit)
		<-gone
	}
}

// where is where a search stands, in words.
func where(s explore.Status) string {
	what := s.Phase
	if s.Of != "" {
		what += " of " + s.Of
	}
	switch {
	case s.Total > 0:
		return fmt.Sprintf("%s: %s of %s", what, comma(s.Done), comma(s.Total))
	case s.Done > 0:
		return fmt.Sprintf("%s: %s looked at", what, comma(s.Done))
	}
	return fmt.Sprintf("%s: %s states, %s wait, depth %d, %s of tables", what, comma(s.States), comma(s.Frontier),
		s.Depth, humanize.IBytes(s.Bytes))
}

func comma(n uint64) string { return humanize.Comma(int64(n)) }
