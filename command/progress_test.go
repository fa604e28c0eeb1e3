package command

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"ctcheck/explore"
	"ctcheck/report"
)

// lookers is a meter that writes into a buffer, on a terminal of so many columns, or, with 0, on none.
func lookers(columns int, o explore.Options, timeout time.Duration) (*meter, *bytes.Buffer) {
	var out bytes.Buffer
	m := &meter{w: &out, p: &explore.Progress{}, o: o, timeout: timeout, begin: time.Now()}
	m.lastTime = m.begin
	if columns > 0 {
		m.width = func() int { return columns }
	}
	return m, &out
}

// On a terminal the line is never wider than that, whatever its width becomes, and nothing of it is left in
// the end; nothing is written at first.
func TestTheLineOnATerminal(t *testing.T) {
	columns := 100
	m, out := lookers(1, explore.Options{MaxStates: 1000, MaxBytes: 1 << 30}, time.Hour)
	m.width = func() int { return columns }
	m.p.Enter("search", "store buffers of 1, 2 entries", 0)
	m.show(m.begin.Add(100 * time.Millisecond))
	if out.Len() > 0 {
		t.Errorf("a short search writes %q", out)
	}
	for i, c := range []int{100, 60, 20, 5, 1, 200} {
		columns = c
		at := out.Len()
		m.show(m.begin.Add(time.Duration(i+1) * time.Second))
		line := strings.TrimPrefix(out.String()[at:], "\r")
		if n := utf8.RuneCountInString(line); n >= c && c > 1 || strings.ContainsAny(line, "\n\r") {
			t.Errorf("%d columns: %d in %q", c, n, line)
		}
	}
	before := out.Len()
	m.clear()
	if rest := out.String()[before:]; strings.Trim(rest, " \r") != "" || !strings.HasSuffix(rest, "\r") {
		t.Errorf("it is cleared by %q", rest)
	}
	screen := lastLine(out.String())
	if strings.TrimSpace(screen) != "" {
		t.Errorf("%q is left on the terminal", screen)
	}
}

// lastLine is what a terminal shows after text without line ends.
func lastLine(s string) string {
	var screen []rune
	at := 0
	for _, c := range s {
		if c == '\r' {
			at = 0
			continue
		}
		if at == len(screen) {
			screen = append(screen, 0)
		}
		screen[at] = c
		at++
	}
	return string(screen)
}

// The line says how far the search is, and how much of its bounds is used.
func TestWhatTheLineSays(t *testing.T) {
	m, _ := lookers(0, explore.Options{MaxStates: 4000, MaxBytes: 1 << 30}, 100*time.Second)
	s := explore.Status{Phase: "search", Of: "store buffers", Phases: 1, States: 1000, Frontier: 30, Depth: 7,
		Bytes: 1 << 28}
	m.last, m.lastTime = explore.Status{Phases: 1, States: 500}, m.begin
	got := joined(m.parts(s, m.begin.Add(10*time.Second)))
	want := "search of store buffers: 1,000 states, 50/s, frontier 30, depth 7, store 256 MiB, " +
		"25 % of 1.0 GiB, 10s, 25 % of --max-states, 10 % of --timeout"
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if rest := signsOfLife.ReplaceAllString("ctcheck: "+want+"\n", ""); rest != "" {
		t.Errorf("tests see the line %q", rest)
	}
	s = explore.Status{Phase: "fewest switches", Of: "no-warn", Phases: 2, Done: 3, Total: 12}
	got = joined(m.parts(s, m.begin.Add(20*time.Second)))
	if want = "fewest switches of no-warn: 3 of 12 (25 %), 20s, 20 % of --timeout"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for width := range 140 {
		if line := fitted(m.parts(s, m.begin), width); utf8.RuneCountInString(line) > width {
			t.Errorf("width %d: %q", width, line)
		}
	}
}

// Off a terminal there is a whole line at a time, the states only grow, and the report is as it is without.
func TestPlainLines(t *testing.T) {
	m, out := lookers(0, explore.Options{}, 0)
	m.p.Enter("search", "", 0)
	for i := range 3 {
		m.p.Enter("search", "", 0)
		m.show(m.begin.Add(time.Duration(i+1) * 10 * time.Second))
	}
	line := regexp.MustCompile(`^ctcheck: search: [1-3]0s$`)
	for l := range strings.Lines(out.String()) {
		if !line.MatchString(strings.TrimSuffix(l, "\n")) || signsOfLife.ReplaceAllString(l, "") != "" {
			t.Errorf("%q", l)
		}
	}
	for _, mode := range progressModes {
		status, text, errs := callMain("-model", "peterz", "--progress", mode)
		_, want, _ := callMain("-model", "peterz")
		if status != 1 || errs != "" || volatile.ReplaceAllString(text, "T") != volatile.ReplaceAllString(want,
			"T") {
			t.Errorf("--progress %s: status %d, %q, or another report", mode, status, errs)
		}
	}
}

// The flags for text are kept to where there is no terminal, and said to be wrong where they are.
func TestTextFlags(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	_, text, _ := callMain("-model", "peterz")
	if strings.Contains(text, "\x1b") {
		t.Error("colours in a pipe")
	}
	_, loud, _ := callMain("-model", "peterz", "--color", "always")
	if !strings.Contains(loud, "\x1b[") {
		t.Error("--color always has none")
	}
	_, narrow, _ := callMain("-model", "peterz", "--width", "50")
	for l := range strings.Lines(narrow) {
		// What scripts read and what is pasted is never broken.
		whole := strings.HasPrefix(l, "ctcheck: ") || strings.HasPrefix(l, "   ctcheck ")
		if n := utf8.RuneCountInString(strings.TrimSuffix(l, "\n")); n > 50 && !whole {
			t.Errorf("--width 50: %d columns: %s", n, l)
		}
	}
}

// A file is no terminal, and a terminal that can do nothing is none either.
func TestTerminals(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, w := range []*watchedWriter{{w: f}, {w: &bytes.Buffer{}}} {
		if terminalOf(w) != nil {
			t.Errorf("%T is a terminal", w.w)
		}
	}
	if report.NarrowestText >= report.Mail.Width {
		t.Error("a mail is too narrow")
	}
}
