package cfront_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"ctcheck/cfront"
	"ctcheck/explore"
	"ctcheck/verdict"
)

// A writer writes random C: one function without undefined behaviour that computes with variables of all kinds.
type writer struct {
	*rand.Rand
	b      strings.Builder
	locals int  // how many there are: l0, l1, ...
	memory bool // the statement may still access memory
	depth  int
	labels int
}

var intTypes = []string{"signed char", "unsigned char", "short", "unsigned short", "int", "unsigned", "long",
	"unsigned long", "_Bool"}

func (w *writer) typ() string { return intTypes[w.IntN(len(intTypes))] }

func (w *writer) line(format string, args ...any) { fmt.Fprintf(&w.b, format+"\n", args...) }

// places is what a program has in memory, each of some type.
var places = []string{"g0", "g1", "g2", "g3", "a[1]", "a[2]", "s.x", "s.y", "s.bits", "s.wide", "u.word",
	"u.half[1]",
	"u.byte[2]", "ps->x", "(*pg)", "a[l0 & 3]", "t[l1 & 1].x"}

func (w *writer) leaf() string {
	switch n := w.IntN(10); {
	case n < 5:
		return fmt.Sprintf("l%d", w.IntN(w.locals))
	case n < 7 && w.memory:
		w.memory = false
		return places[w.IntN(len(places))]
	case n < 9:
		return strconv.Itoa(w.IntN(12))
	}
	return []string{"0xffu", "-1", "100", "1UL", "-3L", "(char)200", "'a'"}[w.IntN(7)]
}

func (w *writer) expr(depth int) string {
	if depth == 0 {
		return w.leaf()
	}
	e := func() string { return w.expr(depth - 1 - w.IntN(depth)) }
	switch w.IntN(16) {
	case 0, 1:
		return fmt.Sprintf("(%s + %s)", e(), e())
	case 2:
		return fmt.Sprintf("(%s - %s)", e(), e())
	case 3:
		return fmt.Sprintf("((%s & 15) * (%s & 7))", e(), e())
	case 4:
		return fmt.Sprintf("(%s %s ((%s & 7) + 1))", e(), []string{"/", "%"}[w.IntN(2)], e())
	case 5:
		return fmt.Sprintf("(%s %s %s)", e(), []string{"&", "|", "^"}[w.IntN(3)], e())
	case 6:
		return fmt.Sprintf("((%s)%s << (%s & 3))", []string{"unsigned char", "unsigned short"}[w.IntN(2)], e(), e())
	case 7:
		return fmt.Sprintf("(%s >> (%s & 7))", e(), e())
	case 8, 9:
		return fmt.Sprintf("(%s %s %s)", e(), []string{"<", "<=", ">", ">=", "==", "!="}[w.IntN(6)], e())
	case 10:
		return fmt.Sprintf("(%s %s %s)", e(), []string{"&&", "||"}[w.IntN(2)], e())
	case 11:
		return fmt.Sprintf("(%s ? %s : %s)", e(), e(), e())
	case 12:
		return fmt.Sprintf("(%s%s)", []string{"~", "!", "- "}[w.IntN(3)], e())
	case 13:
		return fmt.Sprintf("((%s)%s)", w.typ(), e())
	case 14:
		return fmt.Sprintf("({ int k%d = %s; k%d + 1; })", w.labels, e(), w.labels)
	}
	return w.leaf()
}

// free is an expression without memory, beside one with it.
func (w *writer) free(depth int) string {
	was := w.memory
	w.memory = false
	defer func() { w.memory = was }()
	return w.expr(depth)
}

func (w *writer) statement() {
	w.labels++
	w.memory = true
	l := func() string { return fmt.Sprintf("l%d", w.IntN(w.locals)) }
	switch n := w.IntN(20); {
	case n < 6:
		w.line("%s = %s;", l(), w.expr(3))
	case n < 9:
		w.line("%s = %s;", places[w.IntN(len(places))], w.free(3))
	case n < 11:
		w.line("%s %s= %s;", l(), []string{"+", "-", "&", "|", "^"}[w.IntN(5)], w.expr(2))
	case n < 12:
		w.line("%s %s= %s;", places[w.IntN(len(places))], []string{"+", "-", "|"}[w.IntN(3)], w.free(1))
	case n < 13:
		p := append([]string{l(), l()}, places...)[w.IntN(2+len(places))]
		w.line([]string{"%s++;", "--%s;", "l0 = %s++;", "l1 = --%s;"}[w.IntN(4)], p)
	case n < 14:
		w.line("%s = f%d(%s, %s);", l(), w.IntN(3), w.free(2), []string{"&li", "&li", "&gi", "pg",
			"&s.x"}[w.IntN(5)])
	case w.depth > 2:
		w.line("%s = %s;", l(), w.expr(1))
	default:
		w.depth++
		w.control(n)
		w.depth--
	}
}

func (w *writer) block() {
	for range 1 + w.IntN(3) {
		w.statement()
	}
}

func (w *writer) control(n int) {
	id := w.labels
	switch n {
	case 14, 15:
		w.line("if (%s) {", w.expr(2))
		w.block()
		if w.IntN(2) == 0 {
			w.line("} else {")
			w.block()
		}
		w.line("}")
	case 16:
		w.line("for (int i%d = 0; i%d < %d; i%d++) {", id, id, 1+w.IntN(4), id)
		w.block()
		w.line("if (%s) %s;", w.free(2), []string{"break", "continue"}[w.IntN(2)])
		w.block()
		w.line("}")
	case 17:
		w.line("{ int n%d = 0; do {", id)
		w.block()
		w.line("if (n%d > 3) break; if (%s) continue;", id, w.free(1))
		w.block()
		w.line("} while (n%d++ < 3 && %s); }", id, w.free(1))
	case 18:
		w.line("switch (%s & 3) {", w.expr(1))
		for c := range 3 {
			w.line("case %d:", c)
			w.block()
			if w.IntN(3) > 0 {
				w.line("break;")
			}
		}
		w.line("default:")
		w.block()
		w.line("}")
	default:
		w.line("if (%s) goto out%d;", w.expr(1), id)
		w.block()
		w.line("{ int m%d = 0; again%d: m%d++;", id, id, id)
		w.block()
		w.line("if (m%d < 3 && %s) goto again%d; }", id, w.free(1), id)
		w.line("out%d: ;", id)
	}
}

// program is a random program, and what to look at of it.
func randomC(seed uint64) (text string, seen []string) {
	w := &writer{Rand: rand.New(rand.NewPCG(seed, 7)), locals: 4}
	w.line("struct st { int x; unsigned char y; unsigned bits:3; int wide:5; };")
	w.line("union un { unsigned word; unsigned short half[2]; unsigned char byte[4]; };")
	for i := range 4 {
		w.line("%s g%d = %d;", w.typ(), i, w.IntN(3))
	}
	w.line("%s a[4] = { 1, [2] = 3 };", w.typ())
	w.line("struct st s = { .y = 2, .bits = 5, .wide = -2 }, t[2]; union un u = { .half = { 1, 2 } };")
	w.line("struct st *ps = &t[1]; static int *pg;")
	w.line("static int gi; static int f0(int x, int *p) { if (x < 3) return *p + 1; return x & 31; }")
	w.line("static int f1(int x, int *p) { int y = x; while (y > 9) y >>= 1; x++; return x - y; }")
	w.line("static int f2(int x, int *p) { if (x & 1) *p = x & 63; else *p += 2; return (*p)--; }")
	w.line("static int other; static void compute(void) {\nint li = 2; pg = &other;")
	for i := range 4 {
		w.line("%s l%d = %d;", w.typ(), i, w.IntN(4))
	}
	for range 4 + w.IntN(6) {
		w.statement()
	}
	w.line("other += li; g0 = l0; g1 = l1; g2 = l2; g3 = l3;\n}")
	return w.b.String(), []string{"g0", "g1", "g2", "g3", "a[0]", "a[1]", "a[2]", "a[3]", "s.x", "s.y", "s.bits",
		"s.wide", "t[0].x", "t[1].x", "t[1].y", "u.word", "u.half[1]",
		"other", "gi"}
}

// gcc runs programs and returns their output.
func gcc(t *testing.T, dir, text string) []string {
	t.Helper()
	file := filepath.Join(dir, "p.c")
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(dir, "p")
	out, err := exec.Command("gcc", "-w", "-O0", "-fwrapv", "-fno-strict-aliasing", "-o", bin,
		file).CombinedOutput()
	if err != nil {
		t.Fatalf("gcc: %v\n%s\n%s", err, out, text)
	}
	out, err = exec.Command(bin).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return strings.Fields(string(out))
}

// A program that one CPU runs ends as the same program compiled by gcc does. CTCHECK_SEED=n runs many more.
func TestRandomProgramsEndAsWithGCC(t *testing.T) {
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("there is no gcc")
	}
	first, n := uint64(1), 60
	if testing.Short() {
		n = 6
	}
	if s := os.Getenv("CTCHECK_SEED"); s != "" {
		seed, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		first, n = seed*100_000, 400
	}
	decided := 0
	dir := t.TempDir()
	for seed := first; seed < first+uint64(n); seed++ {
		text, seen := randomC(seed)
		var main, claims strings.Builder
		for _, place := range seen {
			fmt.Fprintf(&main, "printf(\"%%ld \", (long)%s);\n", place)
		}
		values := gcc(t, dir,
			"#include <stdio.h>\n"+text+"int main(void) { compute();\n"+main.String()+"return 0; }\n")
		for i, place := range seen {
			fmt.Fprintf(&claims, "CTCHECK_AT_END(\"%s is %s\", (long)%s == %sL);\n", place, values[i], place,
				values[i])
		}
		text = "#include <ctcheck.h>\n" + text + "CTCHECK_CPU(A) { compute(); }\n" + claims.String() +
			"CTCHECK_REACHED(\"the end\", ctcheck_done(A));\n"
		switch wrong, err := differs(text); {
		case err != nil && (strings.Contains(err.Error(), "32 bits") || strings.Contains(err.Error(), "2^63")):
		case err != nil:
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		case wrong != "":
			t.Fatalf("seed %d: with gcc %s\n%s", seed, wrong, text)
		default:
			decided++
		}
	}
	if decided*2 < n {
		t.Errorf("%d of %d programs are decided; too few to mean much", decided, n)
	}
	t.Logf("%d of %d decided, the others need more than 32 bits in a variable or divide by 2^63 and more", decided,
		n)
}

// differs says which claim does not hold.
func differs(text string) (wrong string, err error) {
	f, err := cfront.Load([]cfront.Source{{Name: "p.c", Text: []byte(text)}}, cfront.Options{})
	if err != nil {
		return "", err
	}
	var r *verdict.Result
	err = explore.Widening(f.Widen, func() error {
		p, err := f.Program()
		if err != nil {
			return err
		}
		r, err = explore.Run(context.Background(), p, nil, explore.Options{})
		return err
	})
	switch {
	case err != nil:
		return "", err
	case r.Verdict == verdict.Holds:
		return "", nil
	case len(violated(r)) == 0:
		return "", errors.New("the end is not reached")
	}
	return strings.Join(violated(r), ", "), nil
}
