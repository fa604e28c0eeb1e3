package props

import (
	"fmt"

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
)

// A ledger keeps, for each request, how far it got. A request is served when a callback for its work
// bit begins after the request started, whoever's callback it is.
type ledger struct {
	p       *model.Program
	state   []*model.Var // of each request
	monitor *model.Monitor
}

func newLedger(p *model.Program) *ledger {
	l := &ledger{p: p}
	for _, q := range p.Requests {
		v := model.NewGhost(fmt.Sprintf("request %d", q.Index+1), model.UpTo(int64(deferredPast)), idle)
		l.state = append(l.state, v)
	}
	l.monitor = &model.Monitor{Ghosts: l.state, On: l.on}
	return l
}

func (l *ledger) on(ev model.Event) []*model.Stmt {
	return model.Build(func(c *model.Code) {
		switch ev.Kind {
		case model.Started:
			c.Set(l.state[ev.Request.Index], asked)
		case model.Answered:
			s := l.state[ev.Request.Index]
			c.If(s.Eq(askedServed), func() { c.Set(s, settled) },
				func() { c.If(expr(ev.Arg), func() { c.Set(s, deferred) }, func() { c.Set(s, refused) }) })
		case model.Ran:
			for _, q := range l.p.Requests {
				c.If(expr(ev.Arg).Eq(model.Int(q.Work)), func() { serve(c, l.state[q.Index]) })
			}
		case model.FrameEntered:
			if ev.CPU == l.p.Target && ev.Context == model.Task && ev.Frame == model.Entry {
				for _, s := range l.state {
					c.If(s.Eq(deferred), func() { c.Set(s, deferredPast) })
				}
			}
		}
	})
}

func serve(c *model.Code, s *model.Var) {
	c.If(s.Eq(asked), func() { c.Set(s, askedServed) },
		func() { c.If(outstanding(s), func() { c.Set(s, settled) }) })
}

// unserved is true of a request that was answered true and has not been served.
func unserved(s *model.Var) model.Expr { return s.Eq(deferred).Or(s.Eq(deferredPast)) }

// outstanding is true of a request that was answered and has not been served.
func outstanding(s *model.Var) model.Expr { return unserved(s).Or(s.Eq(refused)) }

type wrapped struct{ n *model.Node }

func (w wrapped) Node() *model.Node { return w.n }

func expr(n *model.Node) model.Expr { return model.Of(wrapped{n}) }
