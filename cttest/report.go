package cttest

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ctcheck/internal/replace"
	"ctcheck/model"
	"ctcheck/report"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// This file says what failed, as the command does, and writes the page.

var out = flag.String("ctcheck.out", "", "write a page for each failing assertion of package cttest to the folder "+
	"`DIR`, an HTML file named after the test")

// report is what a failing assertion says: what failed, a line each, and the report of the command. The page is
// written, too.
func (o Options) report(t testing.TB, p *model.Program, r *verdict.Result, asserted string, lines []string) string {
	t.Helper()
	rep := &report.Report{Model: p.Name, Summary: asserted + " by " + t.Name(), Program: p, Result: r}
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%s: %s\n", p.Name, l)
	}
	b.WriteByte('\n')
	report.Text(&b, rep) // a builder takes all
	b.WriteString(page(t, func(w io.Writer) error { return report.HTML(w, rep) }))
	return b.String()
}

// fault is what is said of an error of a search. If it is a fault of the protocol in some step, it has the run that
// leads there.
func fault(t testing.TB, p *model.Program, err error) string {
	t.Helper()
	var found *trace.Fault
	if !errors.As(err, &found) {
		return err.Error()
	}
	f := &report.Fault{Model: p.Name, Summary: "checked by " + t.Name(), Fault: found}
	var b strings.Builder
	fmt.Fprintf(&b, "%v\n\n", err)
	f.Text(&b) // a builder takes all
	b.WriteString(page(t, f.HTML))
	return b.String()
}

// pages is the files that this process has written.
var pages struct {
	sync.Mutex
	written map[string]bool
}

// page writes the page of a failing assertion, if there is to be one, and says where it is, or why it is not.
func page(t testing.TB, write func(w io.Writer) error) string {
	if *out == "" {
		return ""
	}
	file, err := filepath.Abs(*out)
	if err == nil {
		err = os.MkdirAll(file, 0o777)
	}
	if err == nil {
		file = pageFile(file, t.Name())
		err = replace.File(file, 0o666, write)
	}
	if err != nil {
		return fmt.Sprintf("\nThere is no page: -ctcheck.out %s: %v\n", *out, err)
	}
	return fmt.Sprintf("\nThe page is %s\n", file)
}

// pageFile is the name of a file that no other page of this process has: that of the test, and a number from the
// second failing assertion on.
func pageFile(dir, test string) string {
	const longest = 200 // of the 255 bytes that a file name may have
	name := strings.Map(func(c rune) rune {
		switch {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c == '-', c == '_', c == '=':
			return c
		}
		return '_'
	}, test)
	name = name[:min(len(name), longest)]
	pages.Lock()
	defer pages.Unlock()
	if pages.written == nil {
		pages.written = map[string]bool{}
	}
	file := filepath.Join(dir, name+".html")
	for n := 2; pages.written[file]; n++ {
		file = filepath.Join(dir, fmt.Sprintf("%s-%d.html", name, n))
	}
	pages.written[file] = true
	return file
}
