package litmus

import (
	"regexp"
	"slices"
	"strings"
)

// This file reads the assembly of x86 tests: a table with a column for each thread, whose rows end with a
// semicolon. Two dialects are known: Intel's, as in "MOV [x],$1" or "mov EAX, [y]", and AT&T's, as in "movq
// $1,(x)".

// x86End matches the line with which a question begins.
var x86End = regexp.MustCompile(`^\s*(?:~|(?:exists|forall|locations|filter|final|not)\b)`)

// codeX86 reads the table.
func (t *Test) codeX86(r *reader) {
	t.codeFrom = r.at
	var threads []*x86thread
	for {
		r.blanks()
		if r.at == len(r.src) || x86End.MatchString(r.line()) {
			break
		}
		row, at := t.row(r)
		if threads == nil {
			threads = t.columns(row, at)
			continue
		}
		for i, cell := range row {
			switch cell = strings.TrimSpace(cell); {
			case cell == "":
			case i >= len(threads):
				fail(at[i], "found %q in column %d, but there are %d threads", cell, i+1, len(threads))
			default:
				threads[i].lines = append(threads[i].lines, x86line{at[i], cell})
			}
		}
	}
	t.codeTo = r.at
	for _, th := range threads {
		th.convert()
		t.Threads = append(t.Threads, th.th)
	}
}

// row reads up to a semicolon: the text of each column, and where it begins.
func (t *Test) row(r *reader) (cells []string, at []Pos) {
	start := r.pos
	end := strings.IndexByte(string(r.src[r.at:]), ';')
	if end < 0 {
		fail(start, "this row of the table does not end; a semicolon ends it")
	}
	for cell := range strings.SplitSeq(string(r.src[r.at:r.at+end]), "|") {
		blank := len(cell) - len(strings.TrimLeft(cell, " \t\r\n"))
		r.skip(blank)
		cells, at = append(cells, cell), append(at, r.pos)
		r.skip(len(cell) - blank + 1)
	}
	if len(cells) > maxThreads {
		fail(start, "found %d columns; a test has at most %d threads", len(cells), maxThreads)
	}
	return cells, at
}

// columns reads the first row, which names the threads.
func (t *Test) columns(row []string, at []Pos) []*x86thread {
	var threads []*x86thread
	for i, cell := range row {
		cell = strings.TrimSpace(cell)
		n, ok := threadName(cell)
		if !ok {
			fail(at[i], "found %q, where the name of a thread such as P%d should be", cell, i)
		}
		for _, th := range threads {
			if th.th.Index == n {
				fail(at[i], "found a second P%d", n)
			}
		}
		th := &x86thread{t: t, th: &Thread{Pos: at[i], Index: n}, labels: map[string]int{}}
		threads = append(threads, th)
	}
	return threads
}

type x86line struct {
	at   Pos
	text string
}

// An x86thread is a column.
type x86thread struct {
	t      *Test
	th     *Thread
	lines  []x86line
	labels map[string]int // the instruction that a label stands before
	code   []x86instr
	out    []*Stmt
	label  string
	at     Pos
	temps  int
}

// An x86instr is an instruction with its operands.
type x86instr struct {
	x86line
	name   string // in capitals, without the letter of a width
	locked bool
	args   []x86operand // the destination first, as Intel writes them
}

// An x86operand is an immediate, a register, or memory at an address.
type x86operand struct {
	value    *Expr  // of an immediate; of memory the address
	reg      string // of a register
	isMemory bool
}

var x86label = regexp.MustCompile(`^([A-Za-z_.][\w.]*):\s*`)

// convert reads the instructions and makes statements of them.
func (x *x86thread) convert() {
	for _, l := range x.lines {
		for {
			m := x86label.FindStringSubmatch(l.text)
			if m == nil {
				break
			}
			if _, known := x.labels[m[1]]; known {
				fail(l.at, "found a second label %s", m[1])
			}
			x.labels[m[1]] = len(x.code)
			l.at.Col += len(m[0])
			l.text = l.text[len(m[0]):]
		}
		if l.text != "" {
			x.code = append(x.code, x.parse(l))
		}
	}
	if len(x.code) > maxStmts {
		fail(x.th.Pos, "the thread has more than %d instructions", maxStmts)
	}
	x.th.Body = x.blocks()
}

// x86names is the instructions, without the letter of a width that AT&T has.
var x86names = []string{"MOV", "XCHG", "CMPXCHG", "XADD", "INC", "DEC", "NEG", "NOT", "ADD", "SUB", "AND", "OR",
	"XOR", "CMP",
	"TEST", "MFENCE", "LFENCE", "SFENCE", "NOP", "PAUSE", "JMP", "JE", "JZ", "JNE", "JNZ", "JL", "JLE", "JG",
	"JGE", "JS",
	"JNS"}

// parse reads one instruction.
func (x *x86thread) parse(l x86line) x86instr {
	in := x86instr{x86line: l}
	text := l.text
	word := func() string {
		w := text[:len(text)-len(strings.TrimLeft(text, x86letters))]
		text = strings.TrimSpace(text[len(w):])
		return strings.ToUpper(w)
	}
	name := word()
	if name == "LOCK" {
		in.locked, name = true, word()
	}
	if n := len(name); !slices.Contains(x86names, name) && n > 1 && strings.Contains("LQ", name[n-1:]) {
		name = name[:n-1]
	}
	if !slices.Contains(x86names, name) {
		unsupported(l.at, name, "found the instruction %q; %s are supported", l.text, strings.Join(x86names, ", "))
	}
	in.name = name
	if text == "" {
		return in
	}
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if name[0] == 'J' {
			in.args = append(in.args, x86operand{reg: part})
		} else {
			in.args = append(in.args, x.operand(l, part))
		}
	}
	if x.t.att() && name[0] != 'J' {
		slices.Reverse(in.args)
	}
	return in
}

const x86letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// att reports whether the test is in AT&T's dialect: memory is in round brackets, registers have a %.
func (t *Test) att() bool {
	return strings.ContainsAny(string(t.src[t.codeFrom:t.codeTo]), "(%")
}

var (
	x86memory = regexp.MustCompile(`^(?i:(?:dword|qword)\s+ptr\s*)?` +
		`(?:\[\s*%?(\w+)\s*\]|\(\s*(%?\w+)\s*\)|(\w+)\(%rip\))$`)
	x86number = regexp.MustCompile(`^\$?([-+]?(?:0[xX][0-9a-fA-F]+|[0-9]+))$`)
	x86name   = regexp.MustCompile(`^\$([A-Za-z_]\w*)$`)
)

// operand reads $1, 1, $x, EAX, %rax, [x], (x), [EAX], (%rax), x(%rip).
func (x *x86thread) operand(l x86line, text string) x86operand {
	if m := x86memory.FindStringSubmatch(text); m != nil {
		name := strings.TrimPrefix(m[1]+m[2]+m[3], "%")
		if reg, ok := x.t.x86Register(name); ok && m[3] == "" {
			return x86operand{value: regExpr(l.at, x.use(reg)), isMemory: true}
		}
		x.t.addCell(l.at, name, 1)
		return x86operand{value: addrExpr(l.at, name), isMemory: true}
	}
	if m := x86number.FindStringSubmatch(text); m != nil {
		return x86operand{value: intExpr(l.at, number(l.at, strings.TrimPrefix(m[1], "+")))}
	}
	if m := x86name.FindStringSubmatch(text); m != nil {
		x.t.addCell(l.at, m[1], 1)
		return x86operand{value: addrExpr(l.at, m[1])}
	}
	if reg, ok := x.t.x86Register(strings.TrimPrefix(text, "%")); ok {
		return x86operand{reg: x.use(reg)}
	}
	unsupported(l.at, "operand", "found the operand %q in %q; a number such as $1, a register of 32 or 64 "+
		"bits, and memory such as [x] or (x) are supported", text, l.text)
	return x86operand{}
}

// use notes that the thread has a register.
func (x *x86thread) use(reg string) string {
	x.t.known[Loc{x.th.Index, reg}] = true
	return reg
}

var x86regs = regexp.MustCompile(`^(?i:[er]?(ax|bx|cx|dx|si|di|bp|sp)|(r(?:8|9|1[0-5]))d?)$`)

// x86Register is the name that a register has in states: EAX in X86, rax in X86_64. Those of 32 bits are the
// lower halves of those of 64, and no test has values that tell them apart.
func (t *Test) x86Register(name string) (reg string, ok bool) {
	m := x86regs.FindStringSubmatch(name)
	switch {
	case m == nil || len(name) == 2 && m[2] == "":
		return "", false
	case m[2] != "":
		return strings.ToLower(m[2]), true
	case t.Dialect == "X86":
		return "E" + strings.ToUpper(m[1]), true
	}
	return "r" + strings.ToLower(m[1]), true
}
