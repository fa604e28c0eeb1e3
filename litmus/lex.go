package litmus

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

// This file splits the sections around the code into tokens.

type tokenKind uint8

const (
	tokEnd tokenKind = iota
	tokName
	tokInt
	tokSign
	tokString
)

type token struct {
	kind tokenKind
	text string
	Pos
	end  int  // the offset after it
	near bool // nothing stands between it and the token before
}

func (k token) is(text string) bool { return k.kind != tokString && k.text == text }

// found is the token as an error names it.
func (k token) found() string {
	if k.kind == tokEnd {
		return "the end of the file"
	}
	return strconv.Quote(k.text)
}

// A reader goes through the tokens of a part of the file.
type reader struct {
	t           *Test
	src         []byte
	at          int // the offset after tok
	pos         Pos // of src[at]
	tok, before token
	depth       int
	comments    func(text string) // is told of each comment, may be nil
}

var lexeme = regexp.MustCompile(`^(?:([A-Za-z_$][A-Za-z0-9_$]*)|(0[xX][0-9a-fA-F]+|[0-9]+)[uUlL]*|` +
	`(/\\|\\/|==|!=|=>|<<|>>|.))`)

// skip goes n bytes on.
func (r *reader) skip(n int) {
	for _, b := range r.src[r.at : r.at+n] {
		if r.pos.Col++; b == '\n' {
			r.pos = Pos{r.pos.Line + 1, 1}
		}
	}
	r.at += n
}

// blanks skips blanks and comments: (* nested *), /* */ and //.
func (r *reader) blanks() {
	for r.at < len(r.src) {
		rest := r.src[r.at:]
		n := 1
		switch {
		case bytes.HasPrefix(rest, []byte("(*")), bytes.HasPrefix(rest, []byte("/*")):
			if n = comment(rest); n == 0 {
				fail(r.pos, "this comment is not closed; %s closes it", map[byte]string{'(': "*)",
					'/': "*/"}[rest[0]])
			}
		case bytes.HasPrefix(rest, []byte("//")):
			if n = bytes.IndexByte(rest, '\n'); n < 0 {
				n = len(rest)
			}
		case strings.IndexByte(" \t\r\n\f\v", rest[0]) < 0:
			return
		}
		if r.comments != nil && n > 1 {
			r.comments(string(rest[:n]))
		}
		r.skip(n)
	}
}

// comment is the length of the comment that src begins with, of (* *), which may be nested, or /* */; 0 if it does
// not end.
func comment(src []byte) int {
	if src[0] == '/' {
		n := bytes.Index(src[2:], []byte("*/"))
		if n < 0 {
			return 0
		}
		return n + 4
	}
	depth := 0
	for i := 0; i+1 < len(src); i++ {
		switch string(src[i : i+2]) {
		case "(*":
			depth++
			i++
		case "*)":
			depth--
			i++
		}
		if depth == 0 {
			return i + 1
		}
	}
	return 0
}

// next takes the next token.
func (r *reader) next() {
	before := r.at
	r.blanks()
	r.before = r.tok
	r.tok = token{kind: tokEnd, Pos: r.pos, near: r.at == before}
	if r.at >= len(r.src) {
		r.tok.end = r.at
		return
	}
	if rest := r.src[r.at:]; rest[0] == '"' {
		n := bytes.IndexByte(rest[1:], '"') + 2
		if n < 2 {
			fail(r.pos, "this string is not closed")
		}
		r.tok.kind, r.tok.text = tokString, string(rest[:n])
		r.skip(n)
	} else {
		m := lexeme.FindSubmatch(rest)
		if m == nil {
			fail(r.pos, "found the byte %q", rest[0])
		}
		switch {
		case m[1] != nil:
			r.tok.kind, r.tok.text = tokName, string(m[1])
		case m[2] != nil:
			r.tok.kind, r.tok.text = tokInt, string(m[2])
		default:
			r.tok.kind, r.tok.text = tokSign, string(m[3])
		}
		r.skip(len(m[0]))
	}
	r.tok.end = r.at
}

// peek reports whether the token after the next one is text, right behind it or not.
func (r *reader) peek(text string) bool {
	ahead := *r
	ahead.comments = nil
	ahead.next()
	return ahead.tok.is(text)
}

func (r *reader) accept(text string) bool {
	if r.tok.kind == tokEnd || !r.tok.is(text) {
		return false
	}
	r.next()
	return true
}

func (r *reader) want(text, where string) {
	if !r.accept(text) {
		fail(r.tok.Pos, "found %s %s, where %q should be", r.tok.found(), where, text)
	}
}

func (r *reader) unexpected(where string) {
	fail(r.tok.Pos, "found %s %s", r.tok.found(), where)
}

func (r *reader) name(what string) string {
	if r.tok.kind != tokName {
		fail(r.tok.Pos, "found %s, where %s should be", r.tok.found(), what)
	}
	r.next()
	return r.before.text
}

// integer parses an integer with a sign, if there is one.
func (r *reader) integer() int64 {
	at, sign := r.tok.Pos, ""
	if r.accept("-") {
		sign = "-"
	} else {
		r.accept("+")
	}
	if r.tok.kind != tokInt {
		r.unexpected("where a number should be")
	}
	r.next()
	return number(at, sign+r.before.text)
}

// index parses the index of an element of an array.
func (r *reader) index() string {
	return strconv.FormatInt(r.integer(), 10)
}

// number is the value of an integer constant. Constants above the greatest signed one count as negative, as on the
// machine.
func number(at Pos, text string) int64 {
	digits := strings.TrimRight(text, "uUlL")
	if k, err := strconv.ParseInt(digits, 0, 64); err == nil {
		return k
	}
	k, err := strconv.ParseUint(digits, 0, 64)
	if err != nil {
		fail(at, "found the number %s, which needs more than 64 bits", text)
	}
	return int64(k)
}

func (r *reader) deeper() {
	if r.depth++; r.depth > maxNesting {
		fail(r.tok.Pos, "brackets are nested more than %d deep", maxNesting)
	}
}

func (r *reader) shallower() { r.depth-- }

// threadName is the number in P0, P1, ...
func threadName(s string) (n int, ok bool) {
	if len(s) < 2 || s[0] != 'P' || len(s) > 2 && s[1] == '0' {
		return 0, false
	}
	n, err := strconv.Atoi(s[1:])
	return n, err == nil && n >= 0 && s[1] != '+'
}
