package ir

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"ctcheck/model"
)

// This file collects the faults of a program that show when it is lowered. What is wrong with one statement says
// nothing of the next, so the lowering goes on there; what comes of it is not used.

// badProgram is the panic value with which the lowering leaves what it cannot lower.
type badProgram string

func bad(format string, args ...any) { panic(badProgram(fmt.Sprintf(format, args...))) }

// try lowers something, and notes where it is at fault; s is the statement that it is of, if it is of one. What f
// calls may have tried, and noted, parts of it before.
func (l *lowering) try(s *model.Stmt, f func()) {
	before := l.stand
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		b, ok := r.(badProgram)
		if !ok {
			panic(r)
		}
		text := string(b)
		if s != nil && s.File != "" {
			text = fmt.Sprintf("%s:%d: %s", s.File, s.Line, text)
		}
		l.stand, l.faults = before, append(l.faults, text)
	}()
	f()
}

// err is all faults, each once: code that is called twice has them twice.
func (l *lowering) err() error {
	var all []error
	for i, text := range l.faults {
		if !slices.Contains(l.faults[:i], text) {
			all = append(all, fmt.Errorf("model %s: %s", l.p.Name, strings.ReplaceAll(text, "\n", " ")))
		}
	}
	return errors.Join(all...)
}
