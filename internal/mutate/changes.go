package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// This file has the changes: conditions negated, boundaries moved, statements and calls dropped.

// A mutant is a file with one change.
type mutant struct {
	file, in, what string // the path from the root of the tree, the function, the change
	text           []byte
}

// key names the mutant in a way that changes elsewhere in the file leave alone.
func (m mutant) key() string { return m.file + " " + m.in + ": " + m.what }

// swapped is what an operator turns into.
var swapped = map[token.Token]token.Token{token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ,
	token.GEQ: token.GTR, token.EQL: token.NEQ, token.NEQ: token.EQL, token.LAND: token.LOR, token.LOR: token.LAND,
	token.ADD: token.SUB, token.SUB: token.ADD}

// changes is the mutants of a file, in its order. Of several with one name in a function, each has its number.
func changes(file *ast.File, src []byte) (all []mutant) {
	at := func(p token.Pos) int { return int(p - file.FileStart) }
	text := func(n ast.Node) string { return string(src[at(n.Pos()):at(n.End())]) }
	names := map[string]int{}
	for _, d := range file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		in := fn.Name.Name
		if fn.Recv != nil {
			in = strings.TrimPrefix(text(fn.Recv.List[0].Type), "*") + "." + in
		}
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			n, with, what := mutate(n, text)
			if n == nil {
				return true
			}
			what = strings.Join(strings.Fields(what), " ")
			if names[in+what]++; names[in+what] > 1 {
				what += fmt.Sprintf(" #%d", names[in+what])
			}
			mutated := slices.Concat(src[:at(n.Pos())], []byte(with), src[at(n.End()):])
			if _, err := parser.ParseFile(token.NewFileSet(), "", mutated, 0); err == nil {
				all = append(all, mutant{in: in, what: what, text: mutated})
			}
			return true
		})
	}
	return all
}

// mutate is the change of a node: what is replaced, with what, and its name. Without one, it is nil.
func mutate(n ast.Node, text func(ast.Node) string) (replaced ast.Node, with, what string) {
	switch n := n.(type) {
	case *ast.IfStmt:
		return n.Cond, "!(" + text(n.Cond) + ")", "if not " + text(n.Cond)
	case *ast.ForStmt:
		if n.Cond != nil {
			return n.Cond, "false && (" + text(n.Cond) + ")", "for never " + text(n.Cond)
		}
	case *ast.BinaryExpr:
		if op, ok := swapped[n.Op]; ok {
			with := text(n.X) + " " + op.String() + " " + text(n.Y)
			return n, with, with
		}
	case *ast.ExprStmt:
		if call, ok := n.X.(*ast.CallExpr); ok && text(call.Fun) != "panic" {
			return n, "{}", "drop " + text(n)
		}
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			lhs := strings.TrimSuffix(strings.Repeat("_, ", len(n.Lhs)), ", ")
			return n, lhs + " = " + text(n)[at(n.Rhs[0], n):], "drop " + text(n)
		}
	case *ast.IncDecStmt:
		return n, "{}", "drop " + text(n)
	case *ast.BranchStmt:
		if n.Tok == token.CONTINUE || n.Tok == token.BREAK {
			return n, "{}", "drop " + text(n)
		}
	}
	return nil, "", ""
}

// at is where a part of a node begins in its text.
func at(part, whole ast.Node) int { return int(part.Pos() - whole.Pos()) }
