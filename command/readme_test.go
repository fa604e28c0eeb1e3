package command

import (
	"context"
	"io"
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

// shown is the commands whose output the pages show, in order.
var shown = map[string][]example{
	"README.md": {
		{"-model peterz", "", "  reachable: "},
		{"-model valentin --setters 1 --nmi 1 --brief", "", ""},
	},
	"docs/any.md": {
		{"-model valentin-v7 --setters any --nmi 1", "", ""},
		{"-model frederic-csd --setters any", "", ""},
	},
	"docs/surveys.md": {
		{"matrix --designs peterz,valentin,valentin-v7 --configs 2,1+nmi", "", ""},
		{"diff valentin-v4 valentin-v7 --configs 2", "", ""},
	},
	"docs/searches.md": {{"-model luto --memory sc,tso --props no-needless-ipi", "no-needless-ipi: VIOLATED", ""}},
	"docs/weaken.md":   {{"weaken -model valentin-v7", "ct_set_cpu_work():", ""}},
	"docs/formats.md":  {{"-model valentin --setters 1 --nmi 1 --props no-warn --format mmd", "", ""}},
	"docs/coverage.md": {{"-model valentin-v7 --coverage", "  never taken:", "\nvalentin-v7: "}},
	"docs/own.md":      nil,
	"docs/litmus.md": {
		{"litmus --memory tso testdata/litmus/SB.litmus", "", ""},
		{"litmus testdata/litmus/R.litmus", "", ""},
		{"litmus testdata/litmus/SB.litmus testdata/litmus/SB+mbs.litmus testdata/litmus/ABBA.litmus", "", ""},
	},
	"docs/memory.md": {{"litmus --memory lkmm --why testdata/litmus/MP+wmb+rmb.litmus", "", ""}},
	"docs/c.md": {
		{"-model testdata/c/rfc-v1-11-of-14.c", "", "\nrfc-v1-11-of-14: "},
		{"-model testdata/c/rfc-v1-11-of-14.c --setters 1 --works 1 --nmi 1 --props no-warn", "no-warn: VIOLATED",
			"\nrfc-v1-11-of-14: "},
		{"-model examples/ticket_lock.c", "", ""},
	},
}

// Every output on the pages is the tool's own, and the protocol on one is one that the tests run.
func TestReadme(t *testing.T) {
	if testing.Short() {
		t.Skip("every output of every page takes long under the race detector")
	}
	t.Chdir("..") // where its commands are called
	for page, examples := range shown {
		comparePage(t, page, examples)
	}
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
	_, out, complaint := callMain(strings.Fields(args)...)
	if out == "" {
		out = complaint
	}
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

// pages is the README and all pages in docs.
func pages(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("docs/*.md")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	texts := map[string]string{}
	for _, file := range append(files, "README.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts[file] = string(text)
	}
	return texts
}

// Every link on the pages leads to a file that is there, and every page in docs is linked from the README.
func TestLinks(t *testing.T) {
	t.Chdir("..")
	texts := pages(t)
	for page, text := range texts {
		for _, m := range regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`).FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
			}
		}
		if page != "README.md" && !strings.Contains(texts["README.md"], "("+page+")") {
			t.Errorf("README.md does not link to %s", page)
		}
	}
	if n := strings.Count(texts["README.md"], "\n"); n > 200 {
		t.Errorf("README.md has %d lines; it is to have 200 at most, the rest is for docs", n)
	}
}

// Every call that a page names can be made: no flag of it is misspelt, and no name is unknown. Calls with parts
// that stand for something (FILE, NAME, ...) are left out, and those on files that a reader is to write.
func TestCallsOnPages(t *testing.T) {
	t.Chdir("..")
	over, cancel := context.WithCancel(context.Background())
	cancel()
	known := regexp.MustCompile("[`$] ?(?:go run ./cmd/)?ctcheck ([^`\n|]+)")
	free := regexp.MustCompile(`\b[A-Z]+\b|\.\.\.|--out|c-header|'|explore|init|litmus \w|` +
		`(SB|SB\+mbs|next|ct_work|mine)\.(c|litmus)`)
	seen := map[string]bool{}
	for page, text := range pages(t) {
		if page == "docs/findings.md" {
			continue // TestRunsOfFindings makes those
		}
		for _, m := range known.FindAllStringSubmatch(text, -1) {
			call := strings.TrimSpace(m[1])
			if free.MatchString(call) || seen[call] || !strings.Contains(call, " ") { // a command's name alone
				continue
			}
			seen[call] = true
			var errs strings.Builder
			if status := Run(over, Own{}, strings.Fields(call), io.Discard, &errs); status == exitBadCall &&
				!strings.Contains(text, errs.String()) { // which it shows
				t.Errorf("%s: ctcheck %s: %s", page, call, errs.String())
			}
		}
	}
	if len(seen) < 18 {
		t.Errorf("only %d calls: %v", len(seen), seen)
	}
}
