package explore

import (
	"context"

	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// mostLooked is how many states are looked at for one witness. Breadth first it is found where the claim is first
// satisfied, which is seldom far: a search that goes on for longer is not worth its time.
const mostLooked = 200_000

// Witnesses looks for a shortest run to each of the chosen claims that a result says was reached, and puts its
// trace there. There is none where the search for it was cut: by the context, by 200,000 states, or by the bytes of
// the options. Of the options it keeps MaxBytes; the memory model is that of the result. The error is a fault of
// the program.
func Witnesses(ctx context.Context, p *model.Program, ms []*model.Monitor, r *verdict.Result, o Options,
	chosen func(name string) bool) error {
	var s *Session
	for i := range r.Claims {
		c := &r.Claims[i]
		if !c.Reached || !chosen(c.Name) || ctx.Err() != nil {
			continue
		}
		if s == nil {
			var err error
			if s, err = NewSession(p, ms, Options{Memory: r.Memory}); err != nil {
				return err
			}
		}
		t, err := s.witness(ctx, i, o)
		if err != nil {
			return err
		}
		c.Witness = t
	}
	return nil
}

// witness is a shortest run to a claim, nil if none was found.
func (s *Session) witness(ctx context.Context, claim int, o Options) (*trace.Trace, error) {
	if initial, fx := s.m.Initial(); (fx.Reached|s.m.Reached(initial))>>claim&1 != 0 {
		return s.play(nil)
	}
	way, err := s.Nearest(ctx, nil, func(d StepInfo) bool { return d.Reached>>claim&1 != 0 },
		Options{MaxStates: mostLooked, MaxBytes: o.MaxBytes})
	if err != nil || !way.Found {
		return nil, err
	}
	return s.play(way.Steps)
}

// play is a shortest run.
func (s *Session) play(run []ir.Transition) (*trace.Trace, error) {
	t, err := s.Play(run)
	if err == nil {
		t.Shortest = true
	}
	return t, err
}
