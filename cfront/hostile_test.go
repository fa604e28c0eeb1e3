package cfront_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ctcheck/cfront"
)

// What nobody writes is refused, or read, without a panic and in no time.
func TestHostileInput(t *testing.T) {
	many := func(s string) string { return strings.Repeat(s, 100_000) }
	var doubling strings.Builder
	doubling.WriteString("#define A0 (\n#define B0 )\n")
	for i := range 16 {
		doubling.WriteString(fmt.Sprintf("#define A%d A%d A%d\n#define B%d B%d B%d\n", i+1, i, i, i+1, i, i))
	}
	for name, text := range map[string]string{
		"parentheses": "int x = " + many("(") + "1" + many(")") + ";",
		"signs":       "int x = " + many("- ") + "1;",
		"ifs":         "void f(void) {" + many("if (1) ") + ";}",
		"elses":       "void f(void) {" + many("if (1); else ") + ";}",
		"blocks":      "void f(void) {" + many("{") + many("}") + "}",
		"pointers":    "int " + many("*") + "p;",
		"choices":     "int x = " + many("1 ? 1 : ") + "1;",
		"arrays":      "int x" + many("[2]") + ";",
		"sums":        "int x = " + many("1 + ") + "1;",
		"commas":      "int x = (" + many("1, ") + "1);",
		"macros":      doubling.String() + "int x = A16 1 B16;",
		"endless":     "#define A A B\n#define B B A\nint x = A;",
		"itself":      "#include \"p.c\"\n",
		"long name":   "int " + many("x") + ";",
		"huge array":  "int x[1000000000000]; CTCHECK_CPU(A) { x[0] = 1; }",
		"no size":     "int x[]; CTCHECK_CPU(A) { x[0] = 1; }",
		"statements":  "int x; CTCHECK_CPU(A) { " + many("x = 1; ") + "}",
		"zero byte":   "int x;\x00",
		"quotes":      many("\""),
		"comment":     "/* " + many("x"),
		"directive":   "#if " + many("(1 + ") + "1",
		"itself in":   "struct s { int a; struct s *next, t; } x; CTCHECK_CPU(A) { x.a = 1; }",
		"each other": "struct b; struct a { struct b b; int i; }; struct b { struct a a; } x; " +
			"CTCHECK_CPU(A) { x.a.i = 1; }",
		"typedef": "typedef struct s s_t; struct s { s_t t; int i; } x; CTCHECK_CPU(A) { x.i = 1; }",
		"types":   "struct s { struct s s; } x; CTCHECK_CPU(A) { x.s.s.s = x; }",
		"calls": func() string {
			var text strings.Builder
			text.WriteString("int x; void f0(void) { x = 1; }\n")
			for i := range 40 {
				text.WriteString(fmt.Sprintf("void f%d(void) { f%d(); f%d(); }\n", i+1, i, i))
			}
			return text.String() + "CTCHECK_CPU(A) { f40(); }"
		}(),
	} {
		t.Run(name, func(t *testing.T) {
			if slow := []string{"itself", "macros", "statements"}; testing.Short() && slices.Contains(slow, name) {
				t.Skip("it takes seconds")
			}
			f, err := cfront.Load([]cfront.Source{{Name: "p.c", Text: []byte("#include <ctcheck.h>\n" + text)}},
				cfront.Options{Read: func(string) ([]byte, error) { return []byte(text), nil }})
			if err == nil && !f.IsDeferral() {
				_, err = f.Program()
			}
			if err != nil && strings.Contains(err.Error(), "checker fault") {
				t.Error(err)
			}
			if name != "long name" && name != "statements" && err == nil {
				t.Error("this is taken")
			}
		})
	}
}
