package trace

import (
	"fmt"
	"strconv"
	"strings"

	"ctcheck/ir"
)

// This file writes runs as text, short enough for an address or a command line: a word for each step, with dashes
// between them. A word is the number of the CPU, counted from 0, and what it does: nothing more for its next step,
// ".1" and so on for further alternatives of a choice, "i0" for the IPI of that number, "d0" for a device's line,
// "n" for an NMI, "f" for the oldest store in its buffer. "x3" behind a word is that step three times. A colon in
// place of a dash stands before the steps that repeat for ever.

// MostSteps is the most steps that a run may have as text.
const MostSteps = 1 << 20

// Address is a run as text. Loop is the index of the first of the steps that repeat for ever, -1 if none do.
func Address(path []ir.Transition, loop int) string {
	var b strings.Builder
	for n := 0; n < len(path); {
		switch {
		case n == loop:
			b.WriteByte(':')
		case n > 0:
			b.WriteByte('-')
		}
		word, times := stepText(path[n]), 1
		for n+times < len(path) && n+times != loop && path[n+times] == path[n] {
			times++
		}
		b.WriteString(word)
		if times > 1 {
			fmt.Fprintf(&b, "x%d", times)
		}
		n += times
	}
	return b.String()
}

// Address is the trace as text.
func (t *Trace) Address() string { return Address(t.Path(), t.Loop) }

// Path is the transitions that the steps of the trace take.
func (t *Trace) Path() []ir.Transition {
	path := make([]ir.Transition, len(t.Steps))
	for i, s := range t.Steps {
		path[i] = s.Transition
	}
	return path
}

func stepText(t ir.Transition) string {
	cpu := strconv.Itoa(t.CPU)
	switch {
	case t.Kind == ir.PushIPI:
		return cpu + "i" + strconv.Itoa(t.Index)
	case t.Kind == ir.PushIRQ:
		return cpu + "d" + strconv.Itoa(t.Index)
	case t.Kind == ir.PushNMI:
		return cpu + "n"
	case t.Kind == ir.Flush:
		return cpu + "f"
	case t.Index > 0:
		return cpu + "." + strconv.Itoa(t.Index)
	}
	return cpu
}

// ParseAddress reads what [Address] writes. The error names the word that is none, or says that there are more
// steps than most.
func ParseAddress(text string, most int) (path []ir.Transition, loop int, err error) {
	before, cycle, loops := strings.Cut(text, ":")
	if path, err = parseSteps(nil, before, most); err != nil || !loops {
		return path, -1, err
	}
	loop = len(path)
	if cycle == "" {
		return nil, 0, fmt.Errorf("the run has nothing behind its colon, where the steps stand that repeat")
	}
	path, err = parseSteps(path, cycle, most)
	return path, loop, err
}

// parseSteps appends the steps of a text to a path.
func parseSteps(path []ir.Transition, text string, most int) ([]ir.Transition, error) {
	if text == "" {
		return path, nil
	}
	for w := range strings.SplitSeq(text, "-") {
		word, times, repeats := strings.Cut(w, "x")
		n := 1
		t, ok := parseStep(word)
		if repeats && ok {
			n, ok = number(times)
		}
		if !ok || n < 1 {
			return nil, fmt.Errorf("step %d of the run is %.20q; a step is the number of a CPU, then nothing for "+
				"its next step, or .1, i0, d0, n or f for an alternative, an IPI, a device, an NMI or a store, "+
				"then x3 if it is taken three times; between steps stand dashes", len(path)+1, w)
		}
		if len(path)+n > most {
			return nil, fmt.Errorf("the run has more than %d steps", most)
		}
		for range n {
			path = append(path, t)
		}
	}
	return path, nil
}

func parseStep(w string) (t ir.Transition, ok bool) {
	digits := strings.IndexFunc(w, func(r rune) bool { return r < '0' || r > '9' })
	rest := ""
	if digits >= 0 {
		w, rest = w[:digits], w[digits:]
	}
	if t.CPU, ok = number(w); !ok {
		return t, false
	}
	switch {
	case rest == "":
		return t, true
	case rest == "n":
		t.Kind = ir.PushNMI
		return t, true
	case rest == "f":
		t.Kind = ir.Flush
		return t, true
	case rest[0] == 'i':
		t.Kind = ir.PushIPI
	case rest[0] == 'd':
		t.Kind = ir.PushIRQ
	case rest[0] != '.':
		return t, false
	}
	t.Index, ok = number(rest[1:])
	return t, ok
}

// number reads a small number.
func number(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0 && n < MostSteps && s[0] != '+'
}
