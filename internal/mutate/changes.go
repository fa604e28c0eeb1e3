package main

import (
	"cmp"
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// This file has the changes: conditions negated, boundaries moved, statements and calls dropped.

// A mutant is a change of a piece of a file.
type mutant struct {
	key, by string  // its name, which changes elsewhere leave alone; the test that notices it
	id      int     // from 1; 0 if it is not to be tried
	edits   [3]edit // before the piece, in place of its operator, after it
}

// An edit is a text, with § for the number, in place of as many bytes.
type edit struct {
	at, cut, rank int
	text          string
}

// operators is what an operator turns into, and the texts.
var operators = map[token.Token][4]string{
	token.LSS:  {"<=", "(mutant__.Compare(§, -1, ", ",", ") < 0)"},
	token.LEQ:  {"<", "(mutant__.Compare(§, 1, ", ",", ") <= 0)"},
	token.GTR:  {">=", "(mutant__.Compare(§, 1, ", ",", ") > 0)"},
	token.GEQ:  {">", "(mutant__.Compare(§, -1, ", ",", ") >= 0)"},
	token.EQL:  {"!=", "((", "==", ") != mutant__.On(§))"},
	token.NEQ:  {"==", "((", "!=", ") != mutant__.On(§))"},
	token.LAND: {"||", "((((", ") != mutant__.On(§)) && ((", ") != mutant__.On(§))) != mutant__.On(§))"},
	token.LOR:  {"&&", "((((", ") != mutant__.On(§)) || ((", ") != mutant__.On(§))) != mutant__.On(§))"},
	token.ADD:  {"-", "mutant__.Sum(§, false, ", ",", ")"},
	token.SUB:  {"+", "mutant__.Sum(§, true, ", ",", ")"},
}

// changes finds the mutants of the file. Of several with one name in a function, each has its number.
func (f *source) changes() {
	at := func(p token.Pos) int { return int(p - f.file.FileStart) }
	text := func(n ast.Node) string { return string(f.text[at(n.Pos()):at(n.End())]) }
	names, in, init := map[string]int{}, "", ast.Stmt(nil)
	find := func(n ast.Node) bool {
		if loop, ok := n.(*ast.ForStmt); ok {
			init, loop.Post = loop.Init, nil // without a post statement most loops hang
		} else if branch, ok := n.(*ast.IfStmt); ok {
			init = branch.Init
		}
		of, what, texts := mutate(n, text)
		if of == nil {
			return true
		} else if n == init {
			texts[0], texts[2] = "func() { "+texts[0], texts[2]+" }()"
		}
		begin, end, nr := at(of.Pos()), at(of.End()), len(f.mutants)+1
		m := &mutant{key: in + strings.Join(strings.Fields(what), " ")}
		// Inner ones close first.
		m.edits = [3]edit{{begin, 0, nr, texts[0]}, {end, 0, nr, ""}, {end, 0, -nr, texts[2]}}
		if b, ok := n.(*ast.BinaryExpr); ok {
			m.edits[1] = edit{at(b.OpPos), len(b.Op.String()), nr, texts[1]}
		}
		if names[m.key]++; names[m.key] > 1 {
			m.key += " #" + strconv.Itoa(names[m.key])
		}
		f.mutants = append(f.mutants, m)
		return true
	}
	for _, d := range f.file.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			in = f.path + " " + fn.Name.Name + ": "
			if fn.Recv != nil {
				in = f.path + " " + strings.TrimPrefix(text(fn.Recv.List[0].Type), "*") + "." + fn.Name.Name + ": "
			}
			ast.Inspect(fn, find)
		}
	}
}

// mutate is the change of a node: what is changed, its name, and the texts. Without one, it is nil.
func mutate(n ast.Node, text func(ast.Node) string) (of ast.Node, what string, texts [3]string) {
	off := [3]string{"if !mutant__.On(§) { ", "", " }"}
	switch n := n.(type) {
	case *ast.IfStmt:
		return n.Cond, "if not " + text(n.Cond), [3]string{"(", "", ") != mutant__.On(§)"}
	case *ast.ForStmt:
		if n.Cond != nil {
			return n.Cond, "for never " + text(n.Cond), [3]string{"(", "", ") && !mutant__.On(§)"}
		}
	case *ast.BinaryExpr: // but not of a string
		if o, ok := operators[n.Op]; ok && (n.Op != token.ADD || !strings.Contains(text(n), `"`)) {
			if strings.HasPrefix(text(n.X), "1<<") { // has the type that its surroundings want
				switch {
				case text(n.Y) == "1":
					o[1] = strings.Replace(o[1], "Sum(", "Sum[uint64](", 1)
				case strings.HasPrefix(text(n.Y), "1<<"):
					o[1] = strings.Replace(o[1], "Sum(", "Sum[int64](", 1)
				}
			}
			return n, text(n.X) + " " + o[0] + " " + text(n.Y), [3]string(o[1:])
		}
	case *ast.ExprStmt:
		if call, ok := n.X.(*ast.CallExpr); ok && text(call.Fun) != "panic" {
			return n, "drop " + text(n), off
		}
	case *ast.AssignStmt:
		if rhs := text(n)[n.Rhs[0].Pos()-n.Pos():]; n.Tok != token.DEFINE {
			if strings.Contains(rhs, "(") && !strings.HasPrefix(rhs, "nil") { // the calls are made all the same
				off[0] = "if mutant__.On(§) { _" + strings.Repeat(", _", len(n.Lhs)-1) + " = " + rhs + " } else { "
			}
			return n, "drop " + text(n), off
		}
	case *ast.IncDecStmt:
		return n, "drop " + text(n), off
	case *ast.BranchStmt:
		if n.Tok == token.CONTINUE || n.Tok == token.BREAK {
			return n, "drop " + text(n), off
		}
	}
	return nil, "", off
}

// schema is the file with all mutants that are to be tried.
func (f *source) schema() []byte {
	name := int(f.file.Name.End() - f.file.FileStart)
	edits := []edit{{at: name, text: `; import mutant__ "ctcheck/internal/mutant"`}, {at: len(f.text),
		text: "\nvar _ = mutant__.On\n"}}
	for _, m := range f.mutants {
		for _, e := range m.edits {
			if e.text = strings.ReplaceAll(e.text, "§", strconv.Itoa(m.id)); m.id > 0 {
				edits = append(edits, e)
			}
		}
	}
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Or(a.at-b.at, a.rank-b.rank) })
	var out []byte
	at := 0
	for _, e := range edits {
		out = append(append(out, f.text[at:e.at]...), e.text...)
		at = e.at + e.cut
	}
	return out
}
