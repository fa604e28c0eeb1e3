package model

import (
	"path/filepath"
	"runtime"
	"strings"
)

// This file finds the line of a protocol that a statement stands for: the innermost one that is neither here nor
// in a function that builds for others.

// helpers is the names of the functions that build for others.
type helpers map[string]bool

// Helper says that the function that calls it builds statements for others, so that reports name its
// caller's line instead of its own, as testing.T.Helper does. It holds for the program's routines that are
// built from then on.
func (c *Code) Helper() { c.helpers.mark() }

// mark adds the function that calls the one that calls mark.
func (h helpers) mark() {
	var pc [1]uintptr
	if runtime.Callers(3, pc[:]) == 1 && h != nil { // a program that New did not make has none
		f, _ := runtime.CallersFrames(pc[:]).Next()
		h[f.Function] = true
	}
}

// caller is the line that builds a statement now.
func (h helpers) caller() (file string, line int) {
	pcs := make([]uintptr, 8)
	for skip := 3; ; skip += len(pcs) { // past Callers, caller and Code.add
		n := runtime.Callers(skip, pcs)
		if n == 0 {
			return "", 0
		}
		frames := runtime.CallersFrames(pcs[:n])
		for more := true; more; {
			var f runtime.Frame
			f, more = frames.Next()
			// The runtime is between here and what followed a nil pointer.
			if !isBuilder(f.File) && !h[f.Function] && !strings.HasPrefix(f.Function, "runtime.") {
				return f.File, f.Line
			}
		}
	}
}

// isBuilder reports whether the code is this package's own. The file tells, and not the function's name: a
// function literal in one that is inlined is named after the function that it is inlined into.
func isBuilder(file string) bool {
	return filepath.Dir(file) == filepath.Dir(thisFile) && !strings.HasSuffix(file, "_test.go")
}

var thisFile = func() string {
	_, file, _, _ := runtime.Caller(0)
	return file
}()
