package litmus

import (
	"errors"
	"fmt"
)

// The bounds of a test. They are far above those of any test that can be decided.
const (
	MaxSize    = 1 << 20 // bytes of a file
	maxNesting = 100     // brackets and blocks inside each other
	maxThreads = 32      // of a test
	maxStmts   = 4000    // statements of a test, helper functions written out
	maxLength  = 4000    // bytes of a statement of C
	maxValues  = 256     // that one register or location may have
	maxCells   = 128     // locations, elements of arrays each
)

// A Pos is a place in a test's file, line and column counted from 1. Columns are bytes.
type Pos struct{ Line, Col int }

// An Error is why a test cannot be read.
type Error struct {
	File string
	Pos
	Msg string // what was found, and what is supported
	// Construct is in a word or two what is not supported, for counting; it is empty where the file is malformed.
	Construct string
}

// Error is the message after file:line:column.
func (e *Error) Error() string { return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.Msg) }

// fail leaves the parser with an error that reading catches.
func fail(at Pos, format string, args ...any) {
	panic(&Error{Pos: at, Msg: fmt.Sprintf(format, args...)})
}

// unsupported is fail for what is well formed, as far as can be seen, and not known here.
func unsupported(at Pos, construct, format string, args ...any) {
	panic(&Error{Pos: at, Construct: construct, Msg: fmt.Sprintf(format, args...)})
}

// caught turns what fail threw into an error.
func caught(file string, err *error) {
	switch r := recover().(type) {
	case nil:
	case *Error:
		r.File = file
		*err = r
	default:
		panic(r)
	}
}

// IsUnsupported reports whether an error says that a test, or a file, is of a kind that is not known here, and
// which construct that is.
func IsUnsupported(err error) (construct string, ok bool) {
	var e *Error
	if !errors.As(err, &e) {
		return "", false
	}
	return e.Construct, e.Construct != ""
}
