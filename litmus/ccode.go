package litmus

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"

	"strconv"
	"strings"

	"modernc.org/cc/v4"
)

// This file finds the C code of a test and hands it to a C parser.

// codeC reads the threads. Comments (* *) may stand between functions, but not inside them, where they begin
// expressions such as (*x).
func (t *Test) codeC(r *reader) {
	from := r.at
	end := cEnd(r)
	if bytes.IndexByte(r.src[from:end], 0) >= 0 {
		fail(r.pos, "found a byte 0 in the code")
	}
	text := blanked(r.src, from, end)
	file := t.parseC(text, from)
	c := &converter{t: t, text: text, helpers: map[string]*cc.FunctionDefinition{}, globals: map[string]bool{}}
	for name := range t.byName {
		c.globals[name] = true
	}
	var threads []*cc.FunctionDefinition
	for ; file != nil; file = file.TranslationUnit {
		if d := file.ExternalDeclaration; d.Position().Filename == cFile {
			if f := c.function(d); f != nil {
				threads = append(threads, f)
			}
		}
	}
	for _, f := range threads {
		for _, p := range c.params(f, true) {
			c.globals[p] = true
		}
	}
	for _, f := range threads {
		c.thread(f)
	}
}

// aggregate matches the beginning of a type with members.
var aggregate = regexp.MustCompile(`^(?:struct|union|enum|typedef)\b[^()]*\{`)

// declStart matches what ends the code.
var declStart = regexp.MustCompile(`^(?:~|(?:exists|forall|locations|filter|final|not)\b)`)

// cEnd finds the end of the code and leaves r there: the offset where, between declarations, a question begins.
func cEnd(r *reader) int {
	for {
		r.blanks()
		if r.at == len(r.src) || declStart.Match(r.src[r.at:]) {
			return r.at
		}
		skipDeclaration(r)
	}
}

// skipDeclaration goes past a function, or a declaration with its semicolon.
func skipDeclaration(r *reader) {
	start, ends := r.pos, !aggregate.Match(r.src[r.at:])
	var open []byte
	begin, from, stmts := r.at, r.at, 0
	for r.at < len(r.src) {
		rest := r.src[r.at:]
		n := 1
		if strings.IndexByte(";{}", rest[0]) >= 0 {
			from = r.at
			if stmts++; stmts > 2*maxStmts {
				fail(r.pos, "the function has more than %d statements", maxStmts)
			}
		} else if r.at > from+maxLength {
			fail(r.pos, "this statement has more than %d bytes", maxLength)
		}
		switch ch := rest[0]; {
		case ch == '#', bytes.HasPrefix(rest, []byte("%:")): // which would change what primitives mean
			unsupported(r.pos, "preprocessor", "found %.40q; lines for the preprocessor are not supported",
				r.line())
		case ch == 0:
			fail(r.pos, "found a byte 0 in the code")
		case bytes.HasPrefix(rest, []byte("/*")):
			if n = comment(rest); n == 0 {
				fail(r.pos, "this comment is not closed; */ closes it")
			}
			from += n
		case bytes.HasPrefix(rest, []byte("//")):
			n = len(r.line())
			from += n
		case ch == '"' || ch == '\'':
			if n = quoted(rest); n == 0 {
				fail(r.pos, "this string is not closed")
			}
		case strings.IndexByte("([{", ch) >= 0:
			if ch == '{' && len(open) == 0 && ends {
				checkHead(r.src[begin:r.at], start)
			}
			if open = append(open, closes[ch]); len(open) > maxNesting {
				fail(r.pos, "brackets are nested more than %d deep", maxNesting)
			}
		case strings.IndexByte(")]}", ch) >= 0:
			if len(open) == 0 || open[len(open)-1] != ch {
				fail(r.pos, "found %q, which closes nothing that is open", ch)
			}
			if open = open[:len(open)-1]; len(open) == 0 && ch == '}' && ends {
				r.skip(1)
				return
			}
		case ch == ';' && len(open) == 0:
			r.skip(1)
			return
		case len(open) == 0 && declStart.Match(rest) && !isWord(r.src[r.at-1]):
			fail(r.pos, "found %.20q inside a declaration that began in line %d", r.line(), start.Line)
		}
		r.skip(n)
	}
	fail(start, "what begins here is not closed: the file ends within it")
}

var closes = map[byte]byte{'(': ')', '[': ']', '{': '}'}

var (
	functionHead = regexp.MustCompile(`^(?:[A-Za-z_]\w*|[\s*])*[A-Za-z_]\w*\s*\(([^()]*)\)\s*$`)
	parameter    = regexp.MustCompile(`^\s*(?:[A-Za-z_]\w*\s*|\*\s*)+(?:\[\s*\w*\s*\]\s*)*$`)
	anyComment   = regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*|\(\*.*?\*\)`)
)

// checkHead refuses what is before a { where it is no head of a function, since the parser may not come back from
// it.
func checkHead(head []byte, at Pos) {
	text := string(anyComment.ReplaceAll(head, []byte(" ")))
	m := functionHead.FindStringSubmatch(text)
	found := strings.Join(strings.Fields(text), " ")
	if m == nil {
		fail(at, "found %.60q, where a function such as P0(int *x) should begin", found)
	}
	if strings.TrimSpace(m[1]) == "" {
		return
	}
	for p := range strings.SplitSeq(m[1], ",") {
		if !parameter.MatchString(p) {
			fail(at, "found the parameter %.40q; a parameter is a type and a name, such as int *x",
				strings.TrimSpace(p))
		}
	}
}

func isWord(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z'
}

// quoted is the length of the string or character that src begins with; 0 if it does not end in its line.
func quoted(src []byte) int {
	for i := 1; i < len(src) && src[i] != '\n'; i++ {
		if src[i] == '\\' {
			i++
		} else if src[i] == src[0] {
			return i + 1
		}
	}
	return 0
}

// blanked is the file up to end with blanks for what is before the code and for (* *) comments in it, so that
// places in it are those of the file.
func blanked(src []byte, from, end int) []byte {
	text := bytes.Clone(src[:end])
	blank := func(a, b int) {
		for i := a; i < b; i++ {
			if text[i] != '\n' {
				text[i] = ' '
			}
		}
	}
	blank(0, from)
	depth := 0
	for i := from; i < end; {
		n := 1
		switch rest := src[i:end]; {
		case bytes.HasPrefix(rest, []byte("/*")):
			n = max(comment(rest), 1)
		case bytes.HasPrefix(rest, []byte("//")):
			n = len(rest)
			if k := bytes.IndexByte(rest, '\n'); k >= 0 {
				n = k
			}
		case rest[0] == '"' || rest[0] == '\'':
			n = max(quoted(rest), 1)
		case rest[0] == '{':
			depth++
		case rest[0] == '}':
			depth--
		case depth == 0 && bytes.HasPrefix(rest, []byte("(*")):
			if k := comment(rest); k > 0 {
				n = k
				blank(i, i+n)
			}
		}
		i += n
	}
	return text
}

const cFile = "test"

// typeNames is the kernel's names of types, which the parser has to know for such.
var typeNames = strings.Fields("atomic_t atomic64_t atomic_long_t refcount_t spinlock_t raw_spinlock_t bool " +
	"intptr_t uintptr_t int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t " +
	"uint64_t u8 u16 u32 u64 s8 s16 s32 s64 size_t ptrdiff_t srcu_struct_t")

// declarations declares the types that the code names: what is left out need not be parsed, which is half of the
// work on a small test.
func declarations(text []byte) []byte {
	var b bytes.Buffer
	b.WriteString("int __predefined_declarator;\n")
	for _, name := range typeNames {
		if bytes.Contains(text, []byte(name)) {
			b.WriteString("typedef int " + name + ";\n")
		}
	}
	b.WriteString(moreTypes(text))
	return b.Bytes()
}

var theABI, abiErr = cc.NewABI("linux", "amd64")

// parseC parses the code. There is no check of types: registers need no declaration.
func (t *Test) parseC(text []byte, from int) *cc.TranslationUnit {
	if abiErr != nil {
		fail(Pos{1, 1}, "the C parser: %v", abiErr)
	}
	tree, err := parsed(append(text, '\n'))
	if err == nil {
		return tree.TranslationUnit
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	at := Pos{1 + bytes.Count(text[:from], []byte("\n")), 1}
	msg := line
	if m := regexp.MustCompile(`^test:(\d+):(\d+): (.*)$`).FindStringSubmatch(line); m != nil {
		at.Line, _ = strconv.Atoi(m[1])
		at.Col, _ = strconv.Atoi(m[2])
		msg = m[3]
	}
	msg = regexp.MustCompile(` \(\w+\.go:.*\)$`).ReplaceAllString(msg, "")
	panic(&Error{Pos: at, Msg: "this is not C as the parser knows it: " + msg})
}

// declaration matches what looks like one of a type that is one name, and that name.
var declaration = regexp.MustCompile(`(?:^|[(,;{}])\s*(?:const\s+|volatile\s+)*([A-Za-z_]\w*)(?:\s+|\s*\*[\s*]*)` +
	`[A-Za-z_]\w*\s*[=;,)\[]`)

// moreTypes declares names that the code uses like types and that are none of the kernel's: their values are
// integers and addresses, like all.
func moreTypes(text []byte) string {
	var b strings.Builder
	known := map[string]bool{}
	for at := 0; ; {
		m := declaration.FindSubmatchIndex(text[at:])
		if m == nil {
			return b.String()
		}
		name := string(text[at+m[2] : at+m[3]])
		if at += m[1] - 1; !known[name] && !slices.Contains(keywords, name) && !slices.Contains(typeNames, name) {
			b.WriteString("typedef int " + name + ";\n")
		}
		known[name] = true
	}
}

var keywords = strings.Fields("auto break case char const continue default do double else enum extern float " +
	"for goto if " +
	"inline int long register restrict return short signed sizeof static struct switch typedef union unsigned " +
	"void volatile while _Bool typeof")

// parsed calls the parser. One that it gives up on by a panic is one that it cannot read.
func parsed(text []byte) (tree *cc.AST, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the parser failed: %v", r)
		}
	}()
	return cc.Parse(&cc.Config{ABI: theABI}, []cc.Source{{Name: "prelude", Value: declarations(text)},
		{Name: cFile, Value: text}})
}
