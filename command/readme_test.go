package command

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ctcheck/cfront"
	"ctcheck/internal/testkit"
)

// volatile is what differs from run to run.
var volatile = regexp.MustCompile(`\d+\.\d+ s\b|Time \S+ \d+\.\d+|seconds=\d+\.\d+|[\d.]+ [KM]?i?B of states`)

// An example is a command, where the excerpt of its output begins, and what follows it; where that is nothing the
// excerpt goes to the end.
type example struct{ args, from, to string }

// shown is the commands whose output README.md shows, in order.
var shown = []example{
	{"-model peterz", "", ""},
	{"-model valentin", "", ""},
	{"-model valentin --setters 1 --nmi 1 --props no-warn", "no-warn: VIOLATED", "\nvalentin: "},
	{"matrix --designs peterz,valentin,valentin-v7 --configs 2,1+nmi", "", ""},
	{"-model luto --memory sc,tso --props no-needless-ipi", "no-needless-ipi: VIOLATED", ""},
	{"weaken -model valentin-v7", "ct_set_cpu_work():", ""},
	{"-model testdata/c/rfc-v1-11-of-14.c --setters 1 --works 1 --nmi 1 --props no-warn", "no-warn: VIOLATED",
		"\nrfc-v1-11-of-14: "},
	{"litmus --memory tso testdata/litmus/SB.litmus", "", ""},
	{"-model valentin --setters 1 --nmi 1 --props no-warn --format mmd", "", ""},
	{"-model valentin-v7 --coverage", "  never taken:", "\nvalentin-v7: "},
}

// shownOfLitmus is those of docs/litmus.md.
var shownOfLitmus = []example{
	{"litmus testdata/litmus/R.litmus", "", ""},
	{"litmus testdata/litmus/SB.litmus testdata/litmus/SB+mbs.litmus testdata/litmus/ABBA.litmus", "", ""},
}

// shownOfC is those of docs/c.md.
var shownOfC = []example{
	{"-model testdata/c/rfc-v1-11-of-14.c", "", "\nrfc-v1-11-of-14: "},
	{"-model testdata/c/rfc-v1-11-of-14.c --setters 1 --works 1 --nmi 1 --props no-warn", "no-warn: VIOLATED",
		"\nrfc-v1-11-of-14: "},
	{"-model examples/ticket_lock.c", "", ""},
}

// Every output on the pages is the tool's own, and the protocol on one is one that the tests run.
func TestReadme(t *testing.T) {
	if testing.Short() {
		t.Skip("every output of every page takes long under the race detector")
	}
	t.Chdir("..") // where its commands are called
	comparePage(t, "README.md", shown)
	comparePage(t, "docs/litmus.md", shownOfLitmus)
	comparePage(t, "docs/c.md", shownOfC)
}

// All C on the pages is that of a file, and what is not supported is what the command says.
func TestCOnPages(t *testing.T) {
	t.Chdir("..")
	var files strings.Builder
	for _, pattern := range []string{"testdata/c/*.c", "examples/*.c"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatal(pattern, err)
		}
		for _, file := range found {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			files.Write(text)
		}
	}
	blocks := 0
	for _, page := range []string{"README.md", "docs/c.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range regexp.MustCompile("(?s)```c\n(.*?)```\n").FindAllStringSubmatch(string(text), -1) {
			if blocks++; !strings.Contains(files.String(), b[1]) {
				t.Errorf("%s has C that is in no file:\n%s", page, b[1])
			}
		}
		if _, list, ok := strings.Cut(cfront.Help(), "Not supported,"); page == "docs/c.md" {
			list, _, _ = strings.Cut(list, "\n\nWith -D")
			if !ok || !strings.Contains(string(text), list) {
				t.Error("docs/c.md lacks the list of what is not supported, as ctcheck help c has it")
			}
		}
	}
	if blocks < 5 {
		t.Errorf("%d blocks of C", blocks)
	}
}

func comparePage(t *testing.T, file string, shown []example) {
	t.Helper()
	const ticket = "cttest/ticket_test.go"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(ticket)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	blocks := regexp.MustCompile("(?s)```(\\w*)\n(.*?)```\n").FindAllStringSubmatchIndex(text, -1)
	var out strings.Builder
	at, next := 0, 0
	command := ""
	for _, b := range blocks {
		lang, body := text[b[2]:b[3]], text[b[4]:b[5]]
		want := body
		first, rest, _ := strings.Cut(body, "\n")
		switch {
		case lang == "go":
			want = string(source)
		case lang == "console" && strings.HasPrefix(first, "$ go run ./cmd/ctcheck "):
			command = strings.TrimPrefix(first, "$ go run ./cmd/ctcheck ")
			if rest != "" {
				want = first + "\n" + output(t, shown, command, &next)
				command = ""
			}
		case lang == "" && command != "":
			want = output(t, shown, command, &next)
			command = ""
		}
		if volatile.ReplaceAllString(want, "T") != volatile.ReplaceAllString(body, "T") && !*testkit.Update {
			t.Errorf("%s shows\n%s\nbut it is\n%s", file, body, want)
		}
		if volatile.ReplaceAllString(want, "T") == volatile.ReplaceAllString(body, "T") {
			want = body
		}
		out.WriteString(text[at:b[4]] + want)
		at = b[5]
	}
	out.WriteString(text[at:])
	if next != len(shown) {
		t.Errorf("%s shows %d outputs, want %d", file, next, len(shown))
	}
	testkit.Rewrite(t, file, []byte(out.String()))
}

// output is what the next shown command prints, from its excerpt on.
func output(t *testing.T, shown []example, args string, next *int) string {
	t.Helper()
	if *next >= len(shown) || shown[*next].args != args {
		t.Fatalf("a page shows %q, which is not the next command of the test", args)
	}
	row := shown[*next]
	*next++
	_, out, _ := callMain(strings.Fields(args)...)
	i := strings.Index(out, row.from)
	if i < 0 {
		t.Fatalf("ctcheck %s does not print %q", args, row.from)
	}
	out = out[i:]
	if row.to == "" {
		return out
	}
	i = strings.Index(out, row.to)
	if i < 0 {
		t.Fatalf("ctcheck %s does not print %q after %q", args, row.to, row.from)
	}
	return out[:i]
}
