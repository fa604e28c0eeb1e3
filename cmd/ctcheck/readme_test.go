package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"ctcheck/internal/testkit"
)

// volatile is what differs from run to run.
var volatile = regexp.MustCompile(`\d+\.\d+ s\b|Time \S+ \d+\.\d+|seconds=\d+\.\d+|[\d.]+ [KM]?i?B of states`)

// An example is a command and where the excerpt of its output begins.
type example struct{ args, from string }

// shown is the commands whose output README.md shows, in order.
var shown = []example{
	{"-model peterz", ""},
	{"-model valentin", ""},
	{"-model valentin --setters 1 --nmi 1 --props no-warn", "no-warn: VIOLATED"},
	{"matrix --designs peterz,valentin,valentin-v7 --configs 2,1+nmi", ""},
	{"-model luto --memory sc,tso --props no-needless-ipi", "no-needless-ipi: VIOLATED"},
	{"weaken -model valentin-v7", "ct_set_cpu_work():"},
	{"litmus --memory tso testdata/litmus/SB.litmus", ""},
	{"-model valentin --setters 1 --nmi 1 --props no-warn --format mmd", ""},
	{"-model valentin-v7 --coverage", "  never taken:"},
}

// shownOfLitmus is those of docs/litmus.md.
var shownOfLitmus = []example{
	{"litmus testdata/litmus/R.litmus", ""},
	{"litmus testdata/litmus/SB.litmus testdata/litmus/SB+mbs.litmus testdata/litmus/ABBA.litmus", ""},
}

// Every output on the pages is the tool's own, and the protocol on one is one that the tests run.
func TestReadme(t *testing.T) {
	t.Chdir("../..") // where its commands are called
	comparePage(t, "README.md", shown)
	comparePage(t, "docs/litmus.md", shownOfLitmus)
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
	return out[i:]
}
