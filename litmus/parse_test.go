package litmus_test

import (
	"os/exec"
	"strings"
	"testing"

	"ctcheck/litmus"
)

// inC is a test with one line of code in P0, which has the locations x, y and lk.
func inC(line string) string {
	return "C t\n{}\nP0(int *x, int *y, spinlock_t *lk)\n{\n" + line + "\n}\nexists (x=0)\n"
}

// What is not understood is refused with its place, what was found, and what is supported.
var refused = []struct{ src, want string }{
	{"",
		`t:1:1: the file is empty; a litmus test begins with a line such as: C SB+mbs`},
	{"LISA x\n",
		`t:1:1: the test is in LISA; C, X86 and X86_64 are supported`},
	{"hello\n",
		`t:1:1: found "hello"; a litmus test begins with its language (C, X86 or X86_64) and its name`},
	{"C\n{}\n",
		`t:1:1: the test has no name; it stands behind C`},
	{"C t\n",
		`t:2:1: found the end of the file, where the init section { ... } should be`},
	{"C t\n{ x = 1;\n",
		`t:3:1: the init section is not closed; } closes it`},
	{"C t\n{ x = ; }\n",
		`t:2:7: found ";" where a number should be`},
	{"C t\n{ x = 1; x = 2; }\n",
		`t:2:10: found x a second time in the init section`},
	{"C t\n{ int a[0]; }\n",
		`t:2:9: an array has 1 to 128 elements`},
	{"C t\n{ int a[2] = {1,2,3}; }\n",
		`t:2:7: the array a has 2 elements, and 3 values`},
	{"C t\n{ int x = FOO(1); }\n",
		`t:2:11: found FOO in the init section; ATOMIC_INIT and its kin and __SPIN_LOCK_UNLOCKED are supported`},
	{"C t\n{}\n(* never closed\n",
		`t:3:1: this comment is not closed; *) closes it`},
	{"C t\n{}\n{ int y; }\nP0(int *x) {}\nexists (x=0)\n",
		`t:3:1: found a second block before the code; such a block may have #include lines only`},
	{"C t\n{}\nexists (x=0)\n",
		`t:3:1: the test has no thread; its code begins with P0`},
	{"C t\n{}\nP0(int *x) { }\n",
		`t:4:1: the test asks nothing: exists, forall or ~exists and a proposition are missing`},
	{"C t\n{}\nP1(int *x) { }\nexists (x=0)\n",
		`t:3:1: found P1, but there is no P0; threads are numbered from P0 without a gap`},
	{"C t\n{}\nP0(int *x) { }\nP0(int *x) { }\nexists (x=0)\n",
		`t:4:1: found a second P0; the first begins in line 3`},
	{"C t\n{}\nP0(int *x) {\nexists (x=0)\n",
		`t:3:1: what begins here is not closed: the file ends within it`},
	{"C t\n{}\nP0(int x) { }\nexists (x=0)\n",
		`t:3:4: the parameter x is no pointer; the parameters of a thread are the addresses of locations`},
	{"C t\n{}\nP0(int *x, int *x) { }\nexists (x=0)\n",
		`t:3:12: found a second parameter x`},
	{"C t\n{}\nint g;\nP0(int *x) { }\nexists (x=0)\n",
		`t:3:1: found a declaration between the threads; locations are declared in the init section`},
	{"C t\n{}\n#define A 1\nP0(int *x) { }\nexists (x=0)\n",
		`t:3:1: found "#define A 1"; lines for the preprocessor are not supported`},
	{inC("#define READ_ONCE(x) 1\nr0 = READ_ONCE(*x);"),
		`t:5:1: found "#define READ_ONCE(x) 1"; lines for the preprocessor are not supported`},
	{inC("%:if 0"),
		`t:5:1: found "%:if 0"; lines for the preprocessor are not supported`},
	{inC("r0 = 1; \x00"),
		`t:5:9: found a byte 0 in the code`},
	{"C t\n{}\nP0(int *x) { }\nexists (1:r1=0)\n",
		`t:4:9: found 1:r1, but the threads are P0 to P0`},
	{"C t\n{}\nP0(int *x) { }\nexists (x=0\n",
		`t:5:1: found the end of the file in the proposition, where ")" should be`},
	{"C t\n{}\nP0(int *x) { }\nexists (x<0)\n",
		`t:4:10: found "<" after [x]; a comparison is = or !=`},
	{"C t\n{}\nP0(int *x) { }\nexists (x=0) and more\n",
		`t:4:14: found "and" after the proposition, which ends the test`},
	{"C t\n{}\nP0(int *x) { }\nexists (a[1]=0)\n",
		`t:4:9: found a[1], but there is no array a; declare it in the init section: int a[2];`},
	{"C t\n{int a[2];}\nP0(int *a) { }\nexists (a[2]=0)\n",
		`t:4:9: found a[2], but a has 2 elements`},
	{"C t\n{}\nP0(int *x) { }\nexists " + strings.Repeat("(", 200) + "x=0\n",
		`t:4:108: brackets are nested more than 100 deep`},
	{inC("r0 = READ_ONE(*x);"),
		`t:5:6: found READ_ONE(), which is neither a primitive that is known nor a function of the file; is ` +
			`it READ_ONCE()?`},
	{inC("frobnicate(x);"),
		`t:5:1: found frobnicate(), which is neither a primitive that is known nor a function of the file`},
	{inC("r0 = READ_ONCE(*x, 1);"),
		`t:5:6: READ_ONCE has 2 operands here, it takes 1`},
	{inC("r0 = READ_ONCE(r1);"),
		`t:5:16: READ_ONCE has the register r1 here; it takes a location such as *x`},
	{inC("r0 = smp_mb();"),
		`t:5:6: smp_mb returns nothing, but its result is used`},
	{inC("x = 1;"),
		`t:5:1: found x, which is the address of a location; the location is *x`},
	{inC("r0 = *z;"),
		`t:5:6: P0 accesses what z points to, but it is never the address of a location; is a parameter of P0 ` +
			`missing?`},
	{inC("int r0; int *r0;"),
		`t:5:13: the register r0 is int* here, and int in line 5; a register has one type`},
	{inC("int r0; { int r0; }"),
		`t:5:15: found a second r0 inside the block of the first; rename one`},
	{inC("int x;"),
		`t:5:5: found a register x, but x is a parameter of P0`},
	{inC("int r0[2];"),
		`t:5:5: found the declaration of r0; a register is an integer or a pointer`},
	{inC("r0 = &r1;"),
		`t:5:6: found the address of a register; a thread's parameters are the addresses of locations, so ` +
			`write x and not &x`},
	{inC("r0 = x + 1;"),
		`t:5:6: this may be the address x+1, where no location is`},
	{inC("r0 = x * 2;"),
		`t:5:6: this may be arithmetic on the address of a location, which is known inside arrays only`},
	{inC("r0 = 1 / *x;"),
		`t:5:6: this may be a division by 0`},
	{inC("r0 = 1.5;"),
		`t:5:6: found "1.5"; integers, names, operators and calls are supported`},
	{inC("r0 = (char)*x;"),
		`t:5:6: found a cast to a type that may change the value; casts to int, long, void and pointers are ` +
			`supported`},
	{inC("r0 = sizeof(int);"),
		`t:5:6: found "sizeof(int)", which is not supported`},
	{inC("goto out; out: ;"),
		`t:5:1: found goto; if, switch, while, do, for, break, continue and return are supported`},
	{inC("break;"),
		`t:5:1: found break outside a loop and a switch`},
	{inC("continue;"),
		`t:5:1: found continue outside a loop`},
	{inC("while (1) { return; }"),
		`t:5:13: found return inside a loop or switch, which is not supported`},
	{inC("return 1;"),
		`t:5:1: found return with a value, but a thread returns nothing`},
	{inC("while (1) r0 = r0 + 1;"),
		`t:5:11: r0 may have more than 256 values; a loop that changes it needs a test that bounds it`},
	{inC("*y = 1; while (READ_ONCE(*y)) atomic_inc(x);"),
		`t:5:31: x may have more than 256 values; a loop that changes it needs a test that bounds it`},
	{inC("r0 = *x +;"),
		`t:5:10: this is not C as the parser knows it: unexpected ';', expected unary expression`},
	{inC("r0 = 99999999999999999999;"),
		`t:5:6: found the number 99999999999999999999, which needs more than 64 bits`},
	{inC("WRITE_ONCE(*x, 0x7fffffffff);"),
		`t:1:1: the values of the test go from 0 to 549755813887; they must fit 32 bits`},
	{inC("*y = 1; while (READ_ONCE(*y)) { r0 = srcu_read_lock(x); srcu_read_unlock(x, r0); }"),
		`t:5:38: found srcu_read_lock() in a loop, where it may begin several critical sections; write it once ` +
			`for each`},
	{inC("asm volatile (\"nop\");"),
		`t:5:1: found "asm volatile (\"nop\");"; assembly inside C is not supported`},
	{inC("r0 = " + strings.Repeat("(", 200) + "1" + strings.Repeat(")", 200) + ";"),
		`t:5:105: brackets are nested more than 100 deep`},
	{inC("try_cmpxchg(x, r0, 1);"),
		`t:5:16: found "r0"; try_cmpxchg takes the address of a register here, such as &r0`},
	{inC("r0->next = 1;"),
		`t:5:1: found the member next of something that is no parameter; x->next is supported where x is a ` +
			`parameter of the thread`},
	{"C t\n{}\nint f(int *p) { return f(p); }\nP0(int *x) { r0 = f(x); }\nexists (x=0)\n",
		`t:3:24: f calls itself, which is not supported`},
	{"C t\n{}\nint f(int *p) { return q; }\nP0(int *x) { r0 = f(x); }\nexists (x=0)\n",
		`t:3:24: found q, which is not declared in this function`},
	{"C t\n{}\nvoid f(int *p) { }\nP0(int *x) { r0 = f(x); }\nexists (x=0)\n",
		`t:4:19: f returns nothing, but its result is used`},
	{"C t\n{}\nint f(int *p) { return 1; }\nP0(int *x) { r0 = f(); }\nexists (x=0)\n",
		`t:4:19: f is called with 0 operands, it has 1 parameters`},
	{"X86 t\n{}\n P0 ;\n MOV [x],$1\nexists (x=0)\n",
		`t:4:2: this row of the table does not end; a semicolon ends it`},
	{"X86 t\n{}\n P0 | Q ;\n MOV [x],$1 | ;\nexists (x=0)\n",
		`t:3:7: found "Q", where the name of a thread such as P1 should be`},
	{"X86 t\n{}\n P0 ;\n FROB [x],$1 ;\nexists (x=0)\n",
		`t:4:2: found the instruction "FROB [x],$1"; MOV, XCHG, CMPXCHG, XADD, INC, DEC, NEG, NOT, ADD, SUB, ` +
			`AND, OR, XOR, CMP, TEST, MFENCE, LFENCE, SFENCE, NOP, PAUSE, JMP, JE, JZ, JNE, JNZ, JL, JLE, JG, ` +
			`JGE, JS, JNS are supported`},
	{"X86 t\n{}\n P0 ;\n MOV [x] ;\nexists (x=0)\n",
		`t:4:2: "MOV [x]" has 1 operands, MOV takes 2`},
	{"X86 t\n{}\n P0 ;\n MOV [x],[y] ;\nexists (x=0)\n",
		`t:4:2: "MOV [x],[y]" has two operands in memory`},
	{"X86 t\n{}\n P0 ;\n MOV AL,$1 ;\nexists (x=0)\n",
		`t:4:2: found the operand "AL" in "MOV AL,$1"; a number such as $1, a register of 32 or 64 bits, and ` +
			`memory such as [x] or (x) are supported`},
	{"X86 t\n{}\n P0 ;\n MOV $1,EAX ;\nexists (x=0)\n",
		`t:4:2: "MOV $1,EAX" changes a constant`},
	{"X86 t\n{}\n P0 ;\n LOCK MOV [x],$1 ;\nexists (x=0)\n",
		`t:4:2: "LOCK MOV [x],$1": LOCK goes with an instruction that changes memory`},
	{"X86 t\n{}\n P0 ;\n JMP nowhere ;\nexists (x=0)\n",
		`t:4:2: found "JMP nowhere", but the thread has no label nowhere`},
	{"X86 t\n{}\n P0 ;\n MOV EAX,$1 | MOV EAX,$2 ;\nexists (x=0)\n",
		`t:4:15: found "MOV EAX,$2" in column 2, but there are 1 threads`},
}

func refusal(src string) string {
	test, err := litmus.Parse("t", []byte(src))
	if err == nil {
		_, err = test.Program()
	}
	if err == nil {
		return "accepted"
	}
	return err.Error()
}

func TestRefused(t *testing.T) {
	for _, r := range refused {
		if got := refusal(r.src); got != r.want {
			t.Errorf("%.200q:\n%s\nwant\n%s", r.src, got, r.want)
		}
	}
}

// The parser needs no C compiler.
func TestNoCompiler(t *testing.T) {
	t.Setenv("PATH", "")
	t.Setenv("CC", "")
	if path, err := exec.LookPath("cc"); err == nil {
		t.Fatalf("there is a C compiler: %s", path)
	}
	if got := refusal(inC("r0 = READ_ONCE(*x);")); got != "accepted" {
		t.Error(got)
	}
}

// What means the same is read the same way.
func TestAccepted(t *testing.T) {
	for _, src := range []string{
		inC("u42 r0 = READ_ONCE(*x); const my_type *r1; my_type r2 = 1;"),
		"C t\n{}\nP0(atomic128_t *x, foo_t **y)\n{\n\tbar_t r0;\n\n\tr0 = atomic_read(x);\n}\nexists (0:r0=1)\n",
		"C t\n\"a string\" Key=a {\n{}\n\nP0(int *x) { // (* no comment\n int r = (*x) * 2; /* } */ }\nexists " +
			"(0:r=2)",
		"(* before (* nested *) *) C t\n{};\n(* P9 *)\nP0(int *x) { }\n(* exists *)\nexists x=0 (* after *)\n",
		"C t\n{ 0:r0 = x; int 0:r1 = 3; p = &y; int *q = y; spinlock_t l; struct srcu_struct s; }\n" +
			"P0(int *x, int *p) { *r0 = r1; }\nfilter (p=y)\nlocations [x; int y; 0:r1;]\n~exists (x=3 /\\ " +
			"~([p]!=&y))\n",
		"C t\n{ }\n{\n#include <stdint.h>\n}\ntypedef int word;\nstruct s { int a; };\nP0(void) { }\nforall (true)",
		"C t\n{ int a[3]; int b[] = {1, 2}; int c[2] = {a, &b[1]}; }\nP0(int *a) { r0 = a[2] + *(a + 1); }\n" +
			"exists (a[0]=0 => c[1]=b[1])",
		"X86_64 t\n{ uint64_t x; 0:rax=x; }\n P0          | P1 ;\n movq $1,(%rax) | movl x(%rip), %ecx ;\n" +
			" lock xaddq %rbx,(x) | lock incl (x) ;\nexists (1:rcx=1 /\\ 1:ecx=1 /\\ 0:r9=0)",
		"X86 t\n{}\n P1 | P0 ;\n MOV DWORD PTR [x],1 | L: ;\n | TEST EAX,EAX ;\n | JG L ;\nexists (x=1)",
	} {
		if got := refusal(src); got != "accepted" {
			t.Errorf("%s\n%s", src, got)
		}
	}
}

// What is only not supported is told apart from what is malformed, by its construct.
func TestUnsupported(t *testing.T) {
	for src, want := range map[string]string{
		"LISA x\n":              "LISA",
		inC("frobnicate(x);"):   "frobnicate",
		inC("goto out; out: ;"): "goto",
		inC("r0 = x * 2;"):      "arithmetic",
		inC("r0 = *x +;"):       "",
		"X86 t\n{}\n P0 ;\n FROB [x] ;\nexists (x=0)": "FROB",
	} {
		test, err := litmus.Parse("t", []byte(src))
		if err == nil {
			_, err = test.Program()
		}
		if got, ok := litmus.IsUnsupported(err); got != want || ok != (want != "") {
			t.Errorf("%q: %v: the construct is %q, want %q", src, err, got, want)
		}
	}
	if _, ok := litmus.IsUnsupported(nil); ok {
		t.Error("no error is one of an unsupported construct")
	}
}

// What stands around the code is kept.
func TestHead(t *testing.T) {
	test := read(t, own+"/x86-SB+mfences.litmus")
	if test.Arch.String() != "X86" || test.Dialect != "X86_64" || test.Name != "x86-SB+mfences" {
		t.Errorf("the test is %s, %s, %s", test.Arch, test.Dialect, test.Name)
	}
	for file, want := range map[string]string{"SB": "Sometimes", "MP+locks": "", "lock-twice": "DEADLOCK"} {
		if got := read(t, own+"/"+file+".litmus").Result; got != want {
			t.Errorf("%s: the result that is expected is %q, want %q", file, got, want)
		}
	}
	src := "X86 t (a) \"\"\n{x = 0};\n P0 ;\n mov [x], 1 ;\nfinal (x = 1);\nwith\ntso: ~exists;\ncc: " +
		"exists;\n<<\nshow 0\n>>\n"
	test, err := litmus.Parse("t", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	if test.Quantifier != litmus.Exists || test.Expected["tso"] != litmus.NotExists || len(test.Expected) != 2 {
		t.Errorf("%s %s, expected %v", test.Quantifier, test.Prop, test.Expected)
	}
}
