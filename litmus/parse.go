package litmus

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

// Parse reads a test; file is its name in messages and in traces. The error is an [Error]: it says where the file
// is not understood, what was found there, and what is supported.
func Parse(file string, src []byte) (t *Test, err error) {
	defer caught(file, &err)
	t = &Test{File: file, src: src, byName: map[string]int{}, exact: map[string]int{}, known: map[Loc]bool{}}
	if len(src) > MaxSize {
		fail(Pos{1, 1}, "the file has %d bytes, more than %d", len(src), MaxSize)
	}
	r := &reader{t: t, src: src, pos: Pos{1, 1}, comments: t.comment}
	t.header(r)
	t.initSection(r)
	t.moreBlocks(r)
	if t.Arch == C {
		t.codeC(r)
	} else {
		t.codeX86(r)
	}
	if len(t.Threads) == 0 {
		fail(r.pos, "the test has no thread; its code begins with P0")
	}
	slices.SortFunc(t.Threads, func(a, b *Thread) int { return a.Index - b.Index })
	for i, th := range t.Threads {
		if th.Index != i {
			fail(th.Pos, "found P%d, but there is no P%d; threads are numbered from P0 without a gap", th.Index, i)
		}
	}
	t.question(r)
	t.resolve()
	return t, nil
}

var resultWord = regexp.MustCompile(`(?m)^[ \t(*]*Result:\s*([A-Za-z]+)`)

// comment looks for what the author expects.
func (t *Test) comment(text string) {
	if m := resultWord.FindStringSubmatch(text); m != nil && t.Result == "" {
		t.Result = m[1]
	}
}

var archs = map[string]Arch{"C": C, "X86": X86, "X86_64": X86}

// header reads the first line and what may stand before the init section: strings, Key=value lines, free text.
func (t *Test) header(r *reader) {
	r.blanks()
	line := r.line()
	words := strings.Fields(line)
	if len(words) == 0 {
		fail(r.pos, "the file is empty; a litmus test begins with a line such as: C SB+mbs")
	}
	arch, known := archs[words[0]]
	switch {
	case !known && len(words) > 1 && isUpper(words[0]):
		unsupported(r.pos, words[0], "the test is in %s; C, X86 and X86_64 are supported", words[0])
	case !known:
		fail(r.pos, "found %.40q; a litmus test begins with its language (C, X86 or X86_64) and its name", line)
	case len(words) == 1:
		fail(r.pos, "the test has no name; it stands behind %s", words[0])
	}
	t.Arch, t.Dialect, t.Name = arch, words[0], words[1]
	r.skip(len(line))
	for {
		r.blanks()
		rest := r.src[r.at:]
		switch {
		case len(rest) == 0:
			fail(r.pos, "found the end of the file, where the init section { ... } should be")
		case rest[0] == '{':
			r.next()
			return
		case rest[0] == '"':
			r.next()
		case keyLine.Match(rest):
			r.skip(len(r.line()))
		default:
			r.skip(1)
		}
	}
}

// line is the rest of the line that r stands in.
func (r *reader) line() string {
	line, _, _ := bytes.Cut(r.src[r.at:], []byte("\n"))
	return string(line)
}

func isUpper(s string) bool { return s == strings.ToUpper(s) && s[0] >= 'A' && s[0] <= 'Z' }

// keyLine matches a line such as Prefetch=0:x=F.
var keyLine = regexp.MustCompile(`^\w+=`)

var include = regexp.MustCompile(`#include[^\n]*`)

// moreBlocks skips blocks between the init section and the code, which have #include lines for litmus7.
func (t *Test) moreBlocks(r *reader) {
	for {
		r.blanks()
		switch rest := r.src[r.at:]; {
		case len(rest) > 0 && rest[0] == ';':
			r.skip(1)
		case len(rest) > 0 && rest[0] == '{':
			end := bytes.IndexByte(rest, '}')
			if end < 0 {
				fail(r.pos, "this block is not closed")
			}
			if len(bytes.TrimSpace(include.ReplaceAll(rest[1:end], nil))) > 0 {
				unsupported(r.pos, "second block", "found a second block before the code; such a block may have "+
					"#include lines only")
			}
			r.skip(end + 1)
		default:
			return
		}
	}
}

// question reads what stands behind the code: locations, filter, and the quantified proposition.
func (t *Test) question(r *reader) {
	r.next()
	for t.Prop == nil {
		at := r.tok
		switch {
		case r.accept("locations"):
			t.locations(r)
		case r.accept("filter"):
			if t.Filter != nil {
				fail(at.Pos, "found a second filter")
			}
			t.Filter = r.condition()
		case r.accept("final"):
			t.Prop = r.condition()
			t.final(r)
		default:
			t.Quantifier = r.quantifier()
			t.Prop = r.condition()
		}
	}
	r.accept(";")
	for r.tok.kind != tokEnd {
		if !r.tok.is("<<") { // the commands of a tool that drew pictures
			r.unexpected("after the proposition, which ends the test")
		}
		n := bytes.Index(r.src[r.at:], []byte(">>"))
		if n < 0 {
			fail(r.tok.Pos, "found << without >>")
		}
		r.skip(n + 2)
		r.next()
	}
}

func (r *reader) quantifier() Quantifier {
	negated := r.accept("~") || r.accept("not")
	switch {
	case r.accept("exists"):
		if negated {
			return NotExists
		}
		return Exists
	case !negated && r.accept("forall"):
		return Forall
	case r.tok.kind == tokEnd:
		fail(r.tok.Pos, "the test asks nothing: exists, forall or ~exists and a proposition are missing")
	}
	r.unexpected("where locations, filter, exists, forall or ~exists should be")
	return 0
}

// final reads what follows the old form of exists: final (...) with tso: ~exists; default: exists; which says
// what its author expects of memory models.
func (t *Test) final(r *reader) {
	r.accept(";")
	t.Expected = map[string]Quantifier{}
	if r.accept("with") {
		for r.tok.kind == tokName {
			name := r.name("a memory model")
			r.want(":", "after the name of a memory model")
			t.Expected[name] = r.quantifier()
			r.accept(";")
		}
	}
}

// locations reads [x; 0:r1;].
func (t *Test) locations(r *reader) {
	r.want("[", "after locations")
	for !r.accept("]") {
		for r.tok.kind == tokName && !r.peek(";") && !r.peek("]") && !r.peek("[") && !r.peek(".") && !r.peek(":") {
			r.next() // a type
			for r.accept("*") {
			}
		}
		t.Locations = append(t.Locations, r.loc())
		if !r.tok.is("]") {
			r.want(";", "in locations")
		}
	}
	r.accept(";")
}

// resolve gives all names of the init section and of the question their cells.
func (t *Test) resolve() {
	for i := range t.Init {
		t.Init[i].Value = t.address(t.Init[i].Pos, t.Init[i].Value)
	}
	check := func(at Pos, l *Loc) {
		if !l.IsReg() {
			l.Name = t.cells[t.cellOf(at, l.Name)].name
			return
		}
		if l.Thread >= len(t.Threads) {
			fail(at, "found %s, but the threads are P0 to P%d", l, len(t.Threads)-1)
		}
	}
	for _, p := range []*Prop{t.Filter, t.Prop} {
		if p == nil {
			continue
		}
		p.each(func(p *Prop) {
			check(p.Pos, &p.Left)
			if p.Right != nil {
				check(p.Pos, p.Right)
			} else {
				p.Value = t.address(p.Pos, p.Value)
			}
		})
	}
	for i := range t.Locations {
		check(Pos{1, 1}, &t.Locations[i])
	}
}

// address is a value whose location, if it is an address, has a cell.
func (t *Test) address(at Pos, v Value) Value {
	if v.Addr != "" {
		v.Addr = t.cells[t.cellOf(at, v.Addr)].name
	}
	return v
}

// cellOf is the cell of that name, which is made if nobody has named it before. An array's name is its first
// element.
func (t *Test) cellOf(at Pos, name string) int {
	if i, ok := t.exact[name]; ok {
		return i
	}
	if i, ok := t.byName[name]; ok {
		return i
	}
	if base, _, isElement := strings.Cut(name, "["); isElement {
		i, known := t.byName[base]
		switch {
		case known:
			fail(at, "found %s, but %s has %d elements", name, base, t.cells[i].n)
		default:
			fail(at, "found %s, but there is no array %s; declare it in the init section: int %s[2];", name,
				base, base)
		}
	}
	t.addCell(at, name, 1)
	return t.byName[name]
}
