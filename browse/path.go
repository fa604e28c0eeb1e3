package browse

import (
	"fmt"
	"strconv"
	"strings"

	"ctcheck/ir"
)

// This file writes runs as text for addresses: a word for each step, with dashes between them. A word is the
// number of the CPU, counted from 0, and what it does: nothing more for its next step, ".1" and so on for
// further alternatives of a choice, "i0" for the IPI of that number, "d0" for a device's line, "n" for an NMI,
// "f" for the oldest store in its buffer.

// mostSteps is the most steps of a run that is walked along.
const mostSteps = 2000

// pathText is a run as text.
func pathText(path []ir.Transition) string {
	words := make([]string, len(path))
	for i, t := range path {
		words[i] = strconv.Itoa(t.CPU)
		switch {
		case t.Kind == ir.PushIPI:
			words[i] += "i" + strconv.Itoa(t.Index)
		case t.Kind == ir.PushIRQ:
			words[i] += "d" + strconv.Itoa(t.Index)
		case t.Kind == ir.PushNMI:
			words[i] += "n"
		case t.Kind == ir.Flush:
			words[i] += "f"
		case t.Index > 0:
			words[i] += "." + strconv.Itoa(t.Index)
		}
	}
	return strings.Join(words, "-")
}

// parsePath reads what pathText writes.
func parsePath(text string) ([]ir.Transition, error) {
	if text == "" {
		return nil, nil
	}
	words := strings.Split(text, "-")
	if len(words) > mostSteps {
		return nil, fmt.Errorf("the path has %d steps; at most %d are shown", len(words), mostSteps)
	}
	var path []ir.Transition
	for n, w := range words {
		t, ok := parseStep(w)
		if !ok {
			return nil, fmt.Errorf("step %d of the path is %.20q; a step is the number of a CPU, and .1, i0, d0, "+
				"n or f behind it for an alternative, an IPI, a device, an NMI or a store", n+1, w)
		}
		path = append(path, t)
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
	return n, err == nil && n >= 0 && n < 1<<16 && s[0] != '+'
}
