package litmus_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ctcheck/litmus"
)

// mutated is a file with a few things changed: bytes lost, doubled or replaced, pieces of another file put in.
func mutated(r *rand.Rand, src, other []byte) []byte {
	const telling = "(){}[]*&=~;,:/\\|$%01-x<>!?\"'#."
	out := slices.Clone(src)
	for range 1 + r.IntN(4) {
		if len(out) == 0 {
			return out
		}
		i := r.IntN(len(out))
		j := min(len(out), i+r.IntN(12))
		switch r.IntN(6) {
		case 0:
			out = slices.Delete(out, i, j)
		case 1:
			out = slices.Insert(out, i, slices.Clone(out[i:j])...)
		case 2:
			out[i] = byte(r.IntN(256))
		case 3:
			out[i] = telling[r.IntN(len(telling))]
		case 4:
			k := r.IntN(len(other))
			out = slices.Insert(out, i, other[k:min(len(other), k+r.IntN(40))]...)
		case 5:
			out = out[:i]
		}
	}
	return out
}

// sources is our own tests, and the public ones where they are there.
func sources(t testing.TB) (srcs [][]byte) {
	t.Helper()
	for _, file := range append(ownTests(t), corpusFiles(t)...) {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		srcs = append(srcs, src)
	}
	return srcs
}

// A file that is damaged is refused with a place in it, or is another test; nothing panics.
func TestMutated(t *testing.T) {
	srcs := sources(t)
	r := rand.New(rand.NewPCG(1, 2))
	accepted, n := 0, 5000
	for range n {
		if reads(t, mutated(r, srcs[r.IntN(len(srcs))], srcs[r.IntN(len(srcs))])) {
			accepted++
		}
	}
	if accepted == 0 || accepted == n {
		t.Errorf("%d of %d mutated files are accepted, so the other answer was not looked at", accepted, n)
	}
}

// reads reads and lowers a file, and looks at the error.
func reads(t *testing.T, src []byte) bool {
	test, err := litmus.Parse("m.litmus", src)
	if err == nil {
		_, err = test.Program()
	}
	if err == nil {
		return true
	}
	var e *litmus.Error
	lines := 2 + strings.Count(string(src), "\n")
	if !errors.As(err, &e) || e.File != "m.litmus" || e.Line < 1 || e.Line > lines || e.Col < 1 || e.Msg == "" {
		t.Errorf("the error %q has no place in\n%s", err, src)
	}
	return false
}

func FuzzParse(f *testing.F) {
	for _, file := range ownTests(f) {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) { reads(t, src) })
}

// What is large is refused in one line, and soon.
func TestLarge(t *testing.T) {
	nested := strings.Repeat("{", 10_000) + strings.Repeat("}", 10_000)
	for what, src := range map[string]string{
		"a file of 100 MB":  "C t\n{}\n" + strings.Repeat("// comment\n", 10<<20),
		"nested blocks":     inC(nested),
		"nested brackets":   inC("r0 = " + strings.Repeat("(", 10_000) + "1" + strings.Repeat(")", 10_000) + ";"),
		"nested comments":   "C t\n" + strings.Repeat("(*", 100_000) + strings.Repeat("*)", 100_000),
		"nested conditions": "C t\n{}\nP0(int *x) {}\nexists " + strings.Repeat("(", 100_000),
		"negations":         "C t\n{}\nP0(int *x) {}\nexists " + strings.Repeat("~", 100_000) + "x=0",
		"unary operators":   inC("r0 = " + strings.Repeat("- ", 100_000) + "1;"),
		"many conditions":   inC("r0 = 1 " + strings.Repeat("? 1 : 1 ", 50_000) + ";"),
		"else if":           inC(strings.Repeat("if (r0) ; else ", 50_000) + ";"),
		"many statements":   inC(strings.Repeat("WRITE_ONCE(*x, 1);\n", 10_000)),
		"many locations": "C t\n{" + strings.Repeat("int a[100]; int b[100];",
			1) + "}\nP0(int *a) {}\nexists (a=0)",
		"many threads":        "X86 t\n{}\n" + strings.Repeat("P0 | ", 100) + "P0 ;\nexists (x=0)",
		"a large thread":      "C t\n{}\nP99999999999999999999(int *x) {}\nexists (x=0)",
		"a large init number": "C t\n{ 99999999999999999999:r0 = 1; }\nP0(int *x) {}\nexists (x=0)",
		"initial values":      "C t\n{ x = " + strings.Repeat("(", 100_000) + "; }\nP0(int *x) {}\nexists (x=0)",
		"loops in loops":      inC("while (READ_ONCE(*x) < 60) {\n" + loops(8) + "}"),
		"helpers": "C t\n{}\nint f0(int *x) { return *x; }\n" + doubling(30) +
			"P0(int *x) { r0 = f30(x); }\nexists (x=0)",
	} {
		got := refusal(src)
		if got == "accepted" || strings.Contains(got, "\n") || len(got) > 300 {
			t.Errorf("%s: %.300s", what, got)
		}
	}
}

// loops is n loops in each other.
func loops(n int) string {
	if n == 0 {
		return "WRITE_ONCE(*y, READ_ONCE(*x));\n"
	}
	i := "i" + strconv.Itoa(n)
	return "int " + i + ";\nfor (" + i + " = 0; " + i + " < 50; " + i + "++) {\n" + loops(n-1) + "}\n"
}

// doubling is n functions, each of which calls the one before it twice.
func doubling(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		f := "int fN(int *x) { return fM(x) + fM(x); }\n"
		b.WriteString(strings.NewReplacer("N", strconv.Itoa(i), "M", strconv.Itoa(i-1)).Replace(f))
	}
	return b.String()
}
