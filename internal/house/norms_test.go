package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// The norms of size: what is longer is two things, or has its reason beside it.
const (
	mostFunction   = 70   // lines of a function
	mostFile       = 400  // lines of a file, without tests
	mostVocabulary = 2700 // lines of package model, without tests; C's operators are among them
)

// source calls f with each file of the tree.
func source(t *testing.T, f func(path string, file *ast.File, fset *token.FileSet)) {
	t.Helper()
	for _, path := range files(t, ".go") {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		f(path, file, fset)
	}
}

func isTest(path string) bool { return strings.HasSuffix(path, "_test.go") }

// A function that is longer, a test too, says in its comment why it is long.
func TestSizes(t *testing.T) {
	vocabulary := 0
	source(t, func(path string, file *ast.File, fset *token.FileSet) {
		n := fset.Position(file.FileEnd).Line - 1
		if n > mostFile && !isTest(path) {
			t.Errorf("%s has %d lines, more than %d", path, n, mostFile)
		}
		if file.Name.Name == "model" && !isTest(path) {
			vocabulary += n
		}
		for _, d := range file.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			n := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line + 1
			if n > mostFunction && !strings.Contains(fn.Doc.Text(), "long") {
				t.Errorf("%s: %s has %d lines, more than %d, and its comment does not say why it is long",
					path, fn.Name.Name, n, mostFunction)
			}
		}
	})
	if vocabulary > mostVocabulary {
		t.Errorf("the vocabulary has %d lines, more than %d", vocabulary, mostVocabulary)
	}
}

// An exported function that returns an error says in its doc which.
func TestErrorsAreDocumented(t *testing.T) {
	source(t, func(path string, file *ast.File, fset *token.FileSet) {
		if isTest(path) || file.Name.Name == "main" || strings.Contains(path, filepath.Join("internal",
			"browser")) {
			return
		}
		for _, d := range file.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || !fn.Name.IsExported() || fn.Type.Results == nil {
				continue
			}
			for _, r := range fn.Type.Results.List {
				if id, ok := r.Type.(*ast.Ident); ok && id.Name == "error" &&
					!strings.Contains(strings.ToLower(fn.Doc.Text()), "error") {
					t.Errorf("%s:%d: the doc of %s does not say which errors it returns", path,
						fset.Position(fn.Pos()).Line, fn.Name.Name)
				}
			}
		}
	})
}
