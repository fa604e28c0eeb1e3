package litmus

// ProgramApart is Program with readers that begin and end by steps of their own.
func (t *Test) ProgramApart() (*Program, error) { return t.program(true) }

// WithBarriers puts smp_mb() behind every access.
func (t *Test) WithBarriers() {
	for _, th := range t.Threads {
		th.Body = withBarriers(th.Body)
	}
}

func withBarriers(list []*Stmt) []*Stmt {
	var out []*Stmt
	for _, s := range list {
		s.Body, s.Else = withBarriers(s.Body), withBarriers(s.Else)
		if out = append(out, s); s.Kind == Do {
			out = append(out, &Stmt{Kind: Do, Pos: s.Pos, Label: "smp_mb();", Prim: primitives["smp_mb"]})
		}
	}
	return out
}
