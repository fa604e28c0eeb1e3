package props

import (
	"fmt"

	"ctcheck/deferral"
	"ctcheck/model"
)

// The life of a request, as the ledger has it.
const (
	idle         model.Int = iota // not started
	asked                         // started, not answered, not served
	deferred                      // answered true, not served
	refused                       // answered false, not served
	askedServed                   // served before the answer
	settled                       // answered and served
	deferredPast                  // deferred, and the target has begun an entry since the answer
	published                     // as asked, and its change is published: CatchUp programs only
)

// lives is the names of these, for those who look at states.
var lives = [...]string{
	idle:         "not started",
	asked:        "asked",
	deferred:     "deferred",
	refused:      "refused",
	askedServed:  "served, not answered",
	settled:      "answered and served",
	deferredPast: "deferred, entry begun",
	published:    "asked, published",
}

// A ledger keeps, for each request, how far it got. A request is served when a callback for its
// work bit begins after the request started, whoever's callback it is.
//
// Where the program says CatchUp the callback is a flush that knows of no requests: it serves those
// whose change was published before it, because only their change does it bring to the target.
type ledger struct {
	d       *deferral.Deferral
	state   []*model.Var // of each request
	monitor *model.Monitor
}

func newLedger(d *deferral.Deferral) *ledger {
	l := &ledger{d: d}
	for _, q := range d.Followed() {
		v := model.NewGhost(fmt.Sprintf("request %d", q.Index+1), model.UpTo(int64(published)), idle)
		for k, name := range lives {
			v.Case(published, model.Int(k), name)
		}
		l.state = append(l.state, v)
	}
	l.monitor = &model.Monitor{Ghosts: l.state, On: l.on}
	return l
}

func (l *ledger) on(ev model.Event) []*model.Stmt {
	return model.Build(func(c *model.Code) {
		switch ev.Kind {
		case deferral.Started, deferral.Answered:
			q := deferral.RequestOf(ev)
			if q.Repeated() {
				return
			}
			s := l.state[q.Index]
			if ev.Kind == deferral.Started {
				c.Set(s, asked)
				return
			}
			c.If(s.Eq(askedServed), func() { c.Set(s, settled) },
				func() { c.If(model.Of(ev.Arg), func() { c.Set(s, deferred) }, func() { c.Set(s, refused) }) })
		case deferral.Ran:
			for _, q := range l.d.Followed() {
				c.If(model.Of(ev.Arg).Eq(model.Int(q.Work)), func() { l.serve(c, l.state[q.Index]) })
			}
		case deferral.Published:
			if q := deferral.RequestOf(ev); l.d.CatchUp && q != nil && !q.Repeated() {
				c.Set(l.state[q.Index], published)
			}
		case model.FrameEntered:
			if ev.CPU == l.d.Target && ev.Context == model.Task && ev.Frame == model.Entry {
				for _, s := range l.state {
					c.If(s.Eq(deferred), func() { c.Set(s, deferredPast) })
				}
			}
		}
	})
}

func (l *ledger) serve(c *model.Code, s *model.Var) {
	waiting := asked
	if l.d.CatchUp {
		waiting = published
	}
	c.If(s.Eq(waiting), func() { c.Set(s, askedServed) },
		func() { c.If(outstanding(s), func() { c.Set(s, settled) }) })
}

// underWay is true of a request that was started and not answered.
func underWay(s *model.Var) model.Expr {
	return s.Eq(asked).Or(s.Eq(askedServed)).Or(s.Eq(published))
}

// unserved is true of a request that was answered true and has not been served.
func unserved(s *model.Var) model.Expr { return s.Eq(deferred).Or(s.Eq(deferredPast)) }

// outstanding is true of a request that was answered and has not been served.
func outstanding(s *model.Var) model.Expr { return unserved(s).Or(s.Eq(refused)) }
