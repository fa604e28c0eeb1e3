package cfront_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ctcheck/cfront"
	"ctcheck/models"
)

// All C of the tree compiles with gcc and the headers that c-header writes.
func TestSyntaxIsThatOfGCC(t *testing.T) {
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("there is no gcc")
	}
	dir := t.TempDir()
	for _, name := range cfront.Headers() {
		text, err := cfront.Header(name)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var files []string
	for _, pattern := range []string{"../testdata/c/*.c", "../examples/*.c"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatal(pattern, err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		args := []string{"-fsyntax-only", "-std=gnu11", "-I", dir, "-DCTCHECK_CALLS=1", "-DCTCHECK_REQUESTS=1",
			"-DCTCHECK_TARGET=1", "-DCTCHECK_NMIS=0", "-DCTCHECK_URGENT=0", "-DCTCHECK_STARTS_IN_BODY=0",
			"-DCTCHECK_VISITS_USER=1", "-DCTCHECK_VISITS_IDLE=1", "-DCTCHECK_VISITS_GUEST=0", file}
		if out, err := exec.Command("gcc", args...).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", file, err, out)
		}
	}
}

// Each stand-in can be included by itself, and twice.
func TestEveryHeaderStandsAlone(t *testing.T) {
	for _, name := range cfront.Headers() {
		text := "#include <" + name + ">\n#include <" + name +
			">\n#include <ctcheck.h>\nCTCHECK_CPU(A) { ctcheck_step(); }\n"
		f, err := cfront.Load([]cfront.Source{{Name: "p.c", Text: []byte(text)}}, cfront.Options{})
		if err == nil {
			_, err = f.Program()
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := cfront.Header("linux/nosuch.h"); err == nil {
		t.Error("a header that there is not")
	}
}

// What is wrong is said with its place and the cure.
func TestMistakes(t *testing.T) {
	const head = "#include <linux/atomic.h>\n#include <linux/percpu.h>\n#include <linux/rcupdate.h>\n" +
		"#include <ctcheck.h>\nint x, y; int *p; DEFINE_PER_CPU(int, pc); atomic_t a;\n"
	for _, row := range []struct {
		text  string // after the head, on line 6
		parts []string
	}{
		{"CTCHECK_CPU(A) { x = y +; }", []string{"p.c:6:25:", "  CTCHECK_CPU(A) { x = y +; }\n", "^"}},
		{"CTCHECK_CPU(A) { x = z; }", []string{"p.c:6:22: undefined: z"}},
		{"#include <linux/nosuch.h>", []string{"p.c:6:10: there is no <linux/nosuch.h>", "-I", "linux/atomic.h",
			"ctcheck.h"}},
		{"CTCHECK_CPU(A) { x = x + y; }", []string{"p.c:6:22:", "leaves open which of the accesses"}},
		{"CTCHECK_CPU(A) { asm(\"nop\"); }", []string{"p.c:6:18:", "assembly is not supported"}},
		{"CTCHECK_CPU(A) { x = 1.5; }", []string{"p.c:6:22:"}},
		{"int f(int n) { return n ? f(n - 1) : 0; }\nCTCHECK_CPU(A) { int n = ctcheck_choose(2); f(n); }",
			[]string{"p.c:6:27:", "f calls itself"}},
		{"void f(void);\nCTCHECK_CPU(A) { f(); }", []string{"p.c:7:18: f() is declared and not defined"}},
		{"CTCHECK_CPU(A) { rcu_read_lock(); }", []string{"p.c:6:18: rcu_read_lock", "RCU is not given here"}},
		{"CTCHECK_CPU(A) { pc = 1; }", []string{"p.c:6:18: pc is per CPU", "this_cpu_ptr(&pc)"}},
		{"CTCHECK_CPU(A) { *(int *)0 = 1; }", []string{"p.c:6:18: NULL is dereferenced"}},
		{"CTCHECK_CPU(A) { x = per_cpu(pc, 7); }", []string{"there is no CPU 7; there are 1"}},
		{"CTCHECK_CPU(A) { goto in; { in: x = 1; } }", []string{"jumps into a block"}},
		{"CTCHECK_CPU(A) { } CTCHECK_CPU(A) { }", []string{"two CTCHECK_CPU are of A"}},
		{"CTCHECK_CPU(A) { } CTCHECK_NMI(B) { }", []string{"there is no CPU B"}},
		{"CTCHECK_CPU(A) { } CTCHECK_IRQ(A) { }", []string{"a CPU and the name of the interrupt"}},
		{"CTCHECK_CPU(A, .times = 1) { }", []string{"the option .times", ".service"}},
		{"CTCHECK_CPU(A) { } CTCHECK_NEVER(\"\", x);", []string{"a claim has a name"}},
		{"CTCHECK_CPU(A) { } CTCHECK_NEVER(\"n\", x++);", []string{"must not change anything"}},
		{"CTCHECK_CPU(A) { ctcheck_wait(x); }", []string{"p.c:6:31: ctcheck_wait looks at ghosts"}},
		{"CTCHECK_CPU(A) { x = ctcheck_choose(100); }", []string{"a constant, 1 to 64"}},
		{"CTCHECK_CPU(A) { x = ctcheck_done(B); }", []string{"there is no CPU B"}},
		{"CTCHECK_CPU(A) { int v[ctcheck_choose(2)]; }", []string{"p.c:6:2"}},
		{"int wide __ct_bits(40); CTCHECK_CPU(A) { wide = 1; }", []string{"bits are 1 to 32"}},
		{"int small __ct_bits(1) = 2; CTCHECK_CPU(A) { small = 1; }",
			[]string{"initialized with 2, which its range 0..1"}},
		{"struct s { int a, b; } s; long long f(void) { return *(long long *)&s; } CTCHECK_CPU(A) { f(); }",
			[]string{"8 bytes of s that are several variables", "union"}},
		{"struct s { int a; } f(void) { struct s v = { 1 }; return v; } CTCHECK_CPU(A) { f(); }",
			[]string{"returns a struct"}},
		{"bool set(int cpu, int w) { return true; }\nCTCHECK_DEFERRAL(.user_exit = set);", []string{"no set_work"}},
		{"bool set(int cpu, int w) { return true; }\nCTCHECK_DEFERRAL(.set_work = set); CTCHECK_CPU(A) { }",
			[]string{"has its CPUs already"}},
		{"CTCHECK_DEFERRAL(.set_work = nosuch);", []string{"p.c:6:"}},
		{"static int ok;", []string{"p.c:1:1: the file does not say what is to be checked"}},
	} {
		f, err := cfront.Load([]cfront.Source{{Name: "p.c", Text: []byte(head + row.text + "\n")}},
			cfront.Options{})
		if err == nil && f.IsDeferral() {
			_, err = f.Design().Program(models.DefaultConfig())
		} else if err == nil {
			_, err = f.Program()
		}
		if err == nil {
			t.Errorf("%s: no error", row.text)
			continue
		}
		for _, part := range row.parts {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: the error lacks %q:\n%v", row.text, part, err)
			}
		}
	}
}

// All errors of a file are told at once, each at its place.
func TestAllErrorsAtOnce(t *testing.T) {
	text := "#include <ctcheck.h>\nint x, y;\nCTCHECK_CPU(A) {\n\tx = x + y;\n" +
		"\tasm(\"\");\n\tx = 1;\n\tx = y + x;\n}\n"
	f, err := cfront.Load([]cfront.Source{{Name: "p.c", Text: []byte(text)}}, cfront.Options{})
	if err == nil {
		_, err = f.Program()
	}
	for _, part := range []string{"p.c:4:6:", "p.c:5:2:", "p.c:7:6:"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("the error lacks %q:\n%v", part, err)
		}
	}
}
