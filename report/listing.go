package report

import (
	"ctcheck/deferral"
	"ctcheck/model"
)

// This file lists routines as the model has them: its own statements, in the order of the program, with what
// stands between them in C. What a program asserts of itself is not shown.

// A listing is one routine.
type listing struct {
	routine *model.Routine
	lines   []line
}

// A line is one line of a listing.
type line struct {
	indent int
	text   string
	stmt   *model.Stmt // that it stands for; nil for what closes a block
	aside  bool        // it is there for claims only; the kernel has no such statement
}

// listingOf lists a routine; result is what takes its result, where something does.
func listingOf(r *model.Routine, result *model.Var) listing {
	l := &lister{result: result}
	l.block(r.Body)
	return listing{r, l.lines}
}

type lister struct {
	lines  []line
	indent int
	result *model.Var
}

func (l *lister) add(s *model.Stmt, text string) {
	l.lines = append(l.lines, line{indent: l.indent, text: text, stmt: s})
}

func (l *lister) block(stmts []*model.Stmt) {
	for _, s := range stmts {
		l.stmt(s)
	}
}

// braces is a statement with others inside.
func (l *lister) braces(s *model.Stmt, head string, body []*model.Stmt) {
	l.add(s, head+" {")
	l.indent++
	l.block(body)
	l.indent--
}

func (l *lister) close(text string) { l.add(nil, text) }

func (l *lister) stmt(s *model.Stmt) {
	switch s.Kind {
	case model.StmtAccess, model.StmtPause, model.StmtAwait, model.StmtSend, model.StmtIRQ:
		l.add(s, s.Label)
	case model.StmtAtomic:
		l.braces(s, s.Label+" /* one step */", s.Body)
		l.close("}")
	case model.StmtFence:
		l.add(s, s.Label)
	case model.StmtAssign:
		to := s.Targets()[0]
		name := to.Name
		if s.At != nil {
			name = s.At.String()
		}
		l.add(s, name+" = "+s.Arg.As(to))
		l.lines[len(l.lines)-1].aside = to.Kind == model.Ghost
	case model.StmtIf:
		l.branch(s)
	case model.StmtWhile:
		l.braces(s, "while ("+s.Cond.String()+")", s.Body)
		l.close("}")
	case model.StmtDoWhile:
		l.braces(nil, "do", s.Body)
		l.add(s, "} while ("+s.Cond.String()+")")
	case model.StmtChoose:
		l.choose(s)
	case model.StmtBreak:
		l.add(s, "break")
	case model.StmtReturn:
		text := "return"
		if s.Arg != nil {
			text += " " + s.Arg.As(l.result)
		}
		l.add(s, text)
	case model.StmtCall:
		l.add(s, callText(s))
	case model.StmtFrame:
		l.braces(s, "/* "+s.Frame.String()+" */", s.Body)
		l.close("}")
	case model.StmtEvent:
		switch s.Event {
		case model.Warned:
			l.add(s, s.Label)
			return
		case deferral.Ran: // the callback's own line says it
			return
		}
		l.add(s, "/* "+string(s.Event)+" */")
		l.lines[len(l.lines)-1].aside = true
	}
}

// branch lists an if; a chain of them as else if.
func (l *lister) branch(s *model.Stmt) {
	l.braces(s, "if ("+s.Cond.String()+")", s.Body)
	if len(s.Else) > 0 {
		l.braces(nil, "} else", s.Else)
	}
	l.close("}")
}

func (l *lister) choose(s *model.Stmt) {
	l.add(s, "/* either */ {")
	for i, a := range s.Alts {
		if i > 0 {
			l.close("} /* or */ {")
		}
		l.indent++
		if a.Guard != nil && !(a.Guard.Op == model.OpConst && a.Guard.K != 0) {
			l.close("/* if " + a.Guard.String() + " */")
		}
		l.block(a.Body)
		l.indent--
	}
	l.close("}")
}

func callText(s *model.Stmt) string {
	text := s.Call.Name + "("
	for i, a := range s.Args {
		if i > 0 {
			text += ", "
		}
		text += a.As(s.Call.Params[i])
	}
	text += ")"
	if s.Dst != nil {
		text = s.Dst.Name + " = " + text
	}
	return text
}
