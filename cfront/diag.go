package cfront

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"modernc.org/cc/v4"
)

// This file has the errors of a file: all of them at once, each with its place.

// A Pos is a place in a source. Columns count bytes, from 1.
type Pos struct {
	File      string
	Line, Col int
}

func (p Pos) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col) }

func posOf(n cc.Node) Pos {
	p := n.Position()
	return Pos{p.Filename, p.Line, p.Column}
}

// An Error is what is wrong at one place.
type Error struct {
	Pos
	Msg  string
	line string // of the source, if it is known
}

// Error is the place and the message and, below, the line with a caret.
func (e *Error) Error() string {
	if e.File == "" {
		return e.Msg
	}
	text := fmt.Sprintf("%s: %s", e.Pos, e.Msg)
	if e.line == "" || e.Col < 1 {
		return text
	}
	var under strings.Builder
	for i := 0; i < e.Col-1 && i < len(e.line); i++ {
		if e.line[i] == '\t' {
			under.WriteByte('\t')
		} else {
			under.WriteByte(' ')
		}
	}
	return fmt.Sprintf("%s\n  %s\n  %s^", text, e.line, under.String())
}

// Errors is all that is wrong with a file, in the order of the places.
type Errors []*Error

func (es Errors) Error() string {
	var texts []string
	for _, e := range es {
		texts = append(texts, e.Error())
	}
	return strings.Join(texts, "\n")
}

// mostErrors is how many errors of a file are told.
const mostErrors = 20

// A diagnosis collects errors.
type diagnosis struct {
	text   func(file string) []byte
	errors []*Error
}

func (d *diagnosis) note(at Pos, format string, args ...any) {
	d.errors = append(d.errors, &Error{Pos: at, Msg: fmt.Sprintf(format, args...), line: d.lineAt(at)})
}

// lineAt is the line of a source at a place, without what follows the first 200 bytes.
func (d *diagnosis) lineAt(at Pos) string {
	text := d.text(at.File)
	for range at.Line - 1 {
		_, rest, ok := bytes.Cut(text, []byte("\n"))
		if !ok {
			return ""
		}
		text = rest
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return strings.TrimRight(string(line[:min(len(line), 200)]), "\r")
}

// err is what was collected, sorted, each once; nil if that is nothing.
func (d *diagnosis) err() error {
	if len(d.errors) == 0 {
		return nil
	}
	all := slices.Clone(d.errors)
	slices.SortStableFunc(all, func(a, b *Error) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Col-b.Col)
	})
	all = slices.CompactFunc(all, func(a, b *Error) bool { return a.Pos == b.Pos && a.Msg == b.Msg })
	if more := len(all) - mostErrors; more > 0 {
		all = append(all[:mostErrors], &Error{Msg: fmt.Sprintf("and %d more errors", more)})
	}
	return Errors(all)
}

// bail is the panic value with which the lowering leaves what it cannot lower; the error is noted already.
type bail struct{}

// fail notes an error and leaves what is being lowered.
func (d *diagnosis) fail(n cc.Node, format string, args ...any) {
	d.note(posOf(n), format, args...)
	panic(bail{})
}

// try lowers something, and goes on behind it where it cannot be.
func try(f func()) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(bail); !ok {
				panic(r)
			}
		}
	}()
	f()
}
