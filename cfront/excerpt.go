package cfront

import (
	"bytes"
	"strings"

	"modernc.org/cc/v4"
)

// This file cuts the text of statements out of the source, as it stands before preprocessing.

// longest is how much of a statement is shown.
const longest = 100

// excerpt is the text of the expression or statement that begins with a node: up to the end of what is around it.
// What a macro expands to has the place of the macro's name, so its text is the macro with its arguments.
func (u *unit) excerpt(n cc.Node) string {
	p := n.Position()
	text := u.texts[p.Filename]
	if p.Offset < 0 || p.Offset >= len(text) {
		return strings.TrimSpace(cc.NodeSource(n))
	}
	var b strings.Builder
	depth, space := 0, false
	for rest := text[p.Offset:]; len(rest) > 0; rest = rest[1:] {
		c := rest[0]
		switch {
		case c == '/' && len(rest) > 1 && (rest[1] == '*' || rest[1] == '/'):
			rest = rest[commentLen(rest)-1:]
			space = true
			continue
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\\' && len(rest) > 1 && rest[1] == '\n':
			space = true
			continue
		}
		if depth < 0 || depth == 0 && (c == ';' || c == '{' || c == '}' || c == ',') || c == ';' && depth > 0 {
			break
		}
		if space && b.Len() > 0 && b.String()[b.Len()-1] != '(' && c != ')' {
			b.WriteByte(' ')
		}
		space = false
		if b.Len() >= longest {
			return b.String() + "..."
		}
		b.WriteByte(c)
	}
	return b.String()
}

// commentLen is how long the comment is with which the text begins.
func commentLen(text []byte) int {
	end := "*/"
	if text[1] == '/' {
		end = "\n"
	}
	if i := bytes.Index(text[2:], []byte(end)); i >= 0 {
		return i + 2 + len(end)
	}
	return len(text)
}
