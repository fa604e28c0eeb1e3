package cfront

import (
	"bytes"
	"fmt"
	"regexp"

	"modernc.org/cc/v4"
)

// This file refuses what is nested so deeply that a parser which descends into it could need more stack than there
// is, which ends a Go program at once.

const (
	mostNested = 256    // brackets in each other
	mostRun    = 20_000 // words and signs without a ;, { or } between them
	mostElse   = 5_000  // else, which may be a chain
)

// nested looks for what is nested too deeply in a text, and says what and where, as an offset. It takes words,
// numbers and signs for what they are, and everything else for spaces.
func nested(text []byte) (what string, at int) {
	depth, run, elses := 0, 0, 0
	for i := 0; i < len(text); {
		c := text[i]
		n := 1
		switch {
		case c == '"' || c == '\'':
			n = literalLen(text[i:])
			run++
		case c == '/' && i+1 < len(text) && (text[i+1] == '*' || text[i+1] == '/'):
			n = commentLen(text[i:])
		case isWord(c):
			for n < len(text)-i && isWord(text[i+n]) {
				n++
			}
			if string(text[i:i+n]) == "else" {
				elses++
			}
			run++
		case c == '(' || c == '[' || c == '{':
			depth++
			run++
		case c == ')' || c == ']' || c == '}':
			depth = max(depth-1, 0)
			run++
		case c > ' ':
			run++
		}
		if c == ';' || c == '{' || c == '}' {
			run = 0
		}
		switch {
		case depth > mostNested:
			return fmt.Sprintf("brackets are nested more than %d deep", mostNested), i
		case run > mostRun:
			return fmt.Sprintf("a statement or declaration has more than %d words and signs", mostRun), i
		case elses > mostElse:
			return fmt.Sprintf("there are more than %d else", mostElse), i
		}
		i += n
	}
	return "", 0
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// literalLen is how long the string or character is with which the text begins; it ends with its line at the
// latest.
func literalLen(text []byte) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case text[0], '\n':
			return i + 1
		}
	}
	return len(text)
}

// shallow notes what is nested too deeply in the files, or in what their macros make, and what is wrong for the
// preprocessor.
func (u *unit) shallow(cfg *cc.Config, sources []cc.Source, files []Source) {
	for _, s := range files {
		if what, at := nested(s.Text); what != "" {
			line := 1 + bytes.Count(s.Text[:at], []byte("\n"))
			u.note(Pos{s.Name, line, at - bytes.LastIndexByte(s.Text[:at], '\n')}, "%s", what)
		}
	}
	if len(u.errors) > 0 {
		return
	}
	var out bytes.Buffer
	if err := preprocess(cfg, sources, &limited{&out}); err != nil {
		u.told(err) // the parser would come to an end of the file in the middle of something
		return
	}
	if what, _ := nested(out.Bytes()); what != "" {
		u.note(Pos{File: files[0].Name, Line: 1, Col: 1}, "when macros are expanded, %s", what)
		return
	}
	if tag := selfContained(out.Bytes()); tag != "" {
		u.note(u.whereIs(tag), "%s has itself as a field; is a * missing?", tag)
	}
}

// whereIs is the first place in the files where the definition of a struct or union of a tag may begin.
func (u *unit) whereIs(tag string) Pos {
	is := regexp.MustCompile(`\b(struct|union)\s+` + regexp.QuoteMeta(tag) + `\b[^;{]*\{`)
	for _, s := range u.files {
		if at := is.FindIndex(s.Text); at != nil {
			line := 1 + bytes.Count(s.Text[:at[0]], []byte("\n"))
			return Pos{s.Name, line, at[0] - bytes.LastIndexByte(s.Text[:at[0]], '\n')}
		}
	}
	return Pos{File: u.files[0].Name, Line: 1, Col: 1}
}

// preprocess calls the preprocessor. One that it gives up on by a panic is one that it cannot read.
func preprocess(cfg *cc.Config, sources []cc.Source, w *limited) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the preprocessor failed: %v", r)
		}
	}()
	return cc.Preprocess(cfg, sources, w)
}

// mostExpanded is how long a file may be when its macros are expanded.
const mostExpanded = 64 << 20

// A limited is a buffer that takes no more than that.
type limited struct{ b *bytes.Buffer }

// Write implements [io.Writer]. The error is that the buffer is full.
func (l *limited) Write(p []byte) (int, error) {
	if l.b.Len()+len(p) > mostExpanded {
		return 0, fmt.Errorf("the file is too long when its macros are expanded")
	}
	return l.b.Write(p)
}
