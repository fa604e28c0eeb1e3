package cfront

import (
	"fmt"
	"strings"
)

// This file refuses a struct that has itself as a field, at first or second hand. It has no size, and the parser,
// which looks for the fields of fields, would look for ever. A forgotten * is enough for it.

// tokens cuts preprocessed C into words and signs.
func tokens(text []byte) (ts []string) {
	for i := 0; i < len(text); {
		n := 1
		switch c := text[i]; {
		case c == '"' || c == '\'':
			n = literalLen(text[i:])
		case isWord(c):
			for n < len(text)-i && isWord(text[i+n]) {
				n++
			}
		case c <= ' ':
			i++
			continue
		}
		ts = append(ts, string(text[i:i+n]))
		i += n
	}
	return ts
}

// A containment is which structs and unions have which as fields, by their tags.
type containment struct {
	fields  map[string][]string
	typedef map[string]string // names of structs
	unnamed int
}

// selfContained is a struct or union that has itself as a field; empty if there is none.
func selfContained(text []byte) string {
	c := &containment{fields: map[string][]string{}, typedef: map[string]string{}}
	ts := tokens(text)
	for i := 0; i < len(ts); i++ {
		switch {
		case ts[i] == "typedef" && i+3 < len(ts) && isStruct(ts[i+1]) && ts[i+3] != "{" && ts[i+3] != "*":
			c.typedef[ts[i+3]] = ts[i+2]
		case isStruct(ts[i]):
			if tag, body := c.definition(ts[i+1:]); body != nil {
				i += len(ts[i+1:]) - len(body)
				i += len(body) - len(c.body(tag, body))
			}
		}
	}
	for tag := range c.fields {
		if c.reaches(tag, tag, map[string]bool{}) && !strings.HasPrefix(tag, "#") {
			return tag
		}
	}
	return ""
}

func isStruct(word string) bool { return word == "struct" || word == "union" }

// definition is the tag and what follows the { of a definition; the body is nil where the type is only named.
func (c *containment) definition(ts []string) (tag string, body []string) {
	for i := 0; i < len(ts); i++ {
		switch t := ts[i]; {
		case t == "{":
			if tag == "" {
				c.unnamed++
				tag = fmt.Sprint("#", c.unnamed)
			}
			return tag, ts[i+1:]
		case t == "__attribute__":
			for depth := 0; i+1 < len(ts); {
				i++
				if ts[i] == "(" {
					depth++
				} else if ts[i] == ")" {
					depth--
				}
				if depth == 0 {
					break
				}
			}
		case tag == "" && isWord(t[0]):
			tag = t
		default:
			return tag, nil
		}
	}
	return tag, nil
}

// body reads the fields of a struct, and is what follows its }.
func (c *containment) body(tag string, ts []string) []string {
	var field []string
	for len(ts) > 0 {
		switch t := ts[0]; {
		case t == "}":
			return ts[1:]
		case t == ";":
			c.field(tag, field)
			field = nil
		case isStruct(t):
			if inner, body := c.definition(ts[1:]); body != nil {
				ts = c.body(inner, body)
				c.fields[tag] = append(c.fields[tag], inner)
				field = nil
				continue
			}
			field = append(field, t)
		case t == "{": // of something else, such as an enum
			for depth := 1; depth > 0 && len(ts) > 1; {
				ts = ts[1:]
				switch ts[0] {
				case "{":
					depth++
				case "}":
					depth--
				}
			}
		default:
			field = append(field, t)
		}
		ts = ts[1:]
	}
	return nil
}

// field notes what a struct has as a field, and not only a pointer to.
func (c *containment) field(tag string, ts []string) {
	for len(ts) > 0 && (ts[0] == "const" || ts[0] == "volatile") {
		ts = ts[1:]
	}
	of := ""
	switch {
	case len(ts) > 2 && isStruct(ts[0]):
		of, ts = ts[1], ts[2:]
	case len(ts) > 1 && c.typedef[ts[0]] != "":
		of, ts = c.typedef[ts[0]], ts[1:]
	default:
		return
	}
	first := true
	for _, t := range ts {
		if first && t != "*" && t != "(" && t != "const" && t != "volatile" {
			c.fields[tag] = append(c.fields[tag], of)
		}
		first = t == "," || first && (t == "const" || t == "volatile")
	}
}

// reaches reports whether a struct has another one somewhere in it.
func (c *containment) reaches(from, to string, seen map[string]bool) bool {
	for _, f := range c.fields[from] {
		if f == to {
			return true
		}
		if !seen[f] {
			seen[f] = true
			if c.reaches(f, to, seen) {
				return true
			}
		}
	}
	return false
}
