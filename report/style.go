package report

import (
	"strings"
	"unicode"

	"github.com/fatih/color"

	"ctcheck/verdict"
)

// A Style is how text is laid out. Colours change nothing of the layout: without their codes the text is the
// same.
type Style struct {
	Width  int // columns, NarrowestText or more
	Color  bool
	Detail Detail
}

// A Detail is how much a text says.
type Detail uint8

// The details. Brief text has at most [MostBrief] lines, if lines are not too narrow for the names in them: the
// verdict, and of one run the statements and what came of them. Verbose text also says why reductions were not
// applied, what each property claims, and what every variable is after each run.
const (
	Usual Detail = iota
	Brief
	Verbose
)

// Mail is the style of what can be pasted into a plain-text mail.
var Mail = Style{Width: 80}

// NarrowestText is the least width in which a trace can be read.
const NarrowestText = 40

// An ink is what a piece of text is, for its colour.
type ink int

const (
	plain ink = iota
	strong
	bad
	good
	open
	firstCPU // and the CPUs that follow
)

// inks are the colours; those of CPUs come last, and are used in turn.
var inks = [][]color.Attribute{nil, {color.Bold}, {color.Bold, color.FgRed}, {color.FgGreen}, {color.FgYellow},
	{color.FgCyan}, {color.FgMagenta}, {color.FgBlue}, {color.FgHiGreen}, {color.FgHiYellow}}

// paint colours text of one or several lines, but not the spaces that it begins with.
func (s Style) paint(i ink, text string) string {
	if !s.Color || i == plain {
		return text
	}
	if i >= firstCPU {
		i = firstCPU + (i-firstCPU)%ink(len(inks)-int(firstCPU))
	}
	c := color.New(inks[i]...)
	c.EnableColor() // whatever this process's own output is
	lines := strings.Split(text, "\n")
	for n, l := range lines {
		if bare := strings.TrimLeft(l, " "); bare != "" {
			lines[n] = l[:len(l)-len(bare)] + c.Sprint(bare)
		}
	}
	return strings.Join(lines, "\n")
}

// paintWord colours a word, where a text that is laid out has it first.
func (s Style) paintWord(i ink, word, text string) string {
	return strings.Replace(text, word, s.paint(i, word), 1)
}

// paintVerdict colours the verdict in a text that is laid out.
func (s Style) paintVerdict(v verdict.Verdict, text string) string {
	return s.paintWord([...]ink{verdict.Holds: good, verdict.Violated: bad, verdict.Incomplete: open,
		verdict.Unreached: open}[v], v.String(), text)
}

// paintFinding colours what became of a property.
func (s Style) paintFinding(what, text string) string {
	switch findingKind(what) {
	case "violated":
		return s.paintWord(bad, "VIOLATED", text)
	case "good":
		return s.paint(good, text)
	}
	return s.paint(open, text)
}

// wrap is Wrap to the style's width.
func (s Style) wrap(text, hang string) string { return Wrap(text, s.Width, hang) }

// oneLine is text as it can be shown in a line: what would move the cursor of a terminal, end the line or turn
// its direction is shown as a replacement character.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control) || r == 0x2028 || r == 0x2029 {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// Wrap breaks a line at spaces, failing that after an opening bracket or between flags, and failing
// that anywhere, so that it fits the width; further lines begin with hang, which must leave room. What is no text
// is replaced.
func Wrap(s string, width int, hang string) string {
	var out strings.Builder
	rest, lead := []rune(oneLine(s)), []rune(hang)
	for first := true; len(rest) > width; first = false {
		least := len(lead)
		if first {
			least = leadingSpaces(rest)
		}
		cut := lastIndex(rest[:width+1], " ")
		if cut <= least {
			cut = lastIndex(rest[:width], "(|") + 1
		}
		if cut <= least {
			cut = width
		}
		if len(lead) > width-8 {
			break // there is no room to go on in
		}
		out.WriteString(strings.TrimRight(string(rest[:cut]), " ") + "\n")
		next := rest[cut:]
		rest = append(append([]rune{}, lead...), next[leadingSpaces(next):]...)
	}
	out.WriteString(string(rest))
	return out.String()
}

func leadingSpaces(s []rune) int {
	n := 0
	for n < len(s) && s[n] == ' ' {
		n++
	}
	return n
}

// lastIndex is the last place of any of the characters, -1 if there is none.
func lastIndex(s []rune, chars string) int {
	for i := len(s) - 1; i >= 0; i-- {
		if strings.ContainsRune(chars, s[i]) {
			return i
		}
	}
	return -1
}
