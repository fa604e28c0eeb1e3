package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"ctcheck/verdict"
)

// The JUnit format, as the readers of CI systems have it. It knows failures, errors and skips, but
// nothing that is open: what an incomplete search leaves open is an error, so that nobody takes it for a
// test that passed.
type junitFile struct {
	XMLName xml.Name `xml:"testsuites"`
	junitCounts
	Suites []JUnitSuite `xml:"testsuite"`
}

// What is skipped is counted for each suite only: Jenkins' schema knows no sum of it.
type junitCounts struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
}

// A JUnitSuite is a list of test cases: one report. Whoever makes one gives it a name, cases, and Time.
type JUnitSuite struct {
	Name string `xml:"name,attr"`
	junitCounts
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"` // in seconds
	Properties []JUnitProperty `xml:"properties>property"`
	Cases      []JUnitCase     `xml:"testcase"`
	Out        JUnitText       `xml:"system-out"`
}

// A JUnitProperty is something to know about a suite.
type JUnitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

// A JUnitCase is one test: a property or claim. With none of the three it passed.
type JUnitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Time    string        `xml:"time,attr,omitempty"` // in seconds
	Failure *JUnitProblem `xml:"failure"`
	Error   *JUnitProblem `xml:"error"`
	Skipped *JUnitProblem `xml:"skipped"`
}

// A JUnitProblem is why a case did not pass.
type JUnitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	JUnitText
}

// A JUnitText is text with its line breaks as they are: package xml would write them as entities.
type JUnitText struct {
	XML string `xml:",innerxml"`
}

// JUnitTextOf is text as XML has it.
func JUnitTextOf(s string) JUnitText {
	var b bytes.Buffer
	xml.EscapeText(&b, []byte(s)) // a buffer takes all
	return JUnitText{strings.ReplaceAll(b.String(), "&#xA;", "\n")}
}

// JUnit writes a test suite for each report, with a test case for each property and each claim. The error is
// that of w.
func JUnit(w io.Writer, rs ...*Report) error {
	var all []JUnitSuite
	for i, r := range rs {
		var more string
		if len(rs) > 1 && i == len(rs)-1 {
			more = "what the memory model decides:\n  " + strings.Join(decides(rs), "\n  ") + "\n"
		}
		all = append(all, r.junit(more))
	}
	return WriteJUnit(w, all...)
}

// WriteJUnit writes suites, with how many of their cases passed and how many did not. The error is that of w.
func WriteJUnit(w io.Writer, suites ...JUnitSuite) error {
	var all junitFile
	for _, s := range suites {
		s.count()
		all.Suites = append(all.Suites, s)
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, xml.Header+string(text)+"\n")
	return err
}

func (r *Report) junit(more string) JUnitSuite {
	s := JUnitSuite{Name: r.Model + " under " + r.Memory.Title(), Cases: r.junitCases(),
		Time: fmt.Sprintf("%.3f", r.Duration.Seconds())}
	for _, f := range r.facts(Usual) {
		if f[0] == "" {
			f[0] = "assumed"
		}
		s.Properties = append(s.Properties, JUnitProperty{f[0], f[1]})
	}
	lines := append([]string{r.figures()}, r.remarks()...)
	if r.search().Checkpoint != "" {
		lines = append(lines, r.checkpoint())
	}
	s.Out = JUnitTextOf(strings.Join(append(lines, r.summaryLine()), "\n") + "\n" + more)
	return s
}

// count counts the cases.
func (s *JUnitSuite) count() {
	s.junitCounts, s.Skipped = junitCounts{Tests: len(s.Cases)}, 0
	for _, c := range s.Cases {
		switch {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
}

func (r *Report) junitCases() []JUnitCase {
	class := "ctcheck." + r.Model + "." + r.Memory.String()
	var cases []JUnitCase
	for _, p := range r.Properties {
		c := JUnitCase{Name: p.Name, Class: class}
		switch {
		case p.Violated:
			var story strings.Builder
			Story(&story, p.Trace.Program, p.Trace)
			c.Failure = &JUnitProblem{strings.Join(broke(p.Trace.Program, p.Trace), " "), "violated",
				JUnitTextOf("\n" + story.String())}
		case !r.Holds(p):
			c.Error = r.junitOpen(r.finding(p))
		}
		cases = append(cases, c)
	}
	reasons := r.void()
	for _, name := range slices.Sorted(maps.Keys(reasons)) {
		cases = append(cases, JUnitCase{Name: name, Class: class,
			Skipped: &JUnitProblem{Message: "vacuous: " + reasons[name]}})
	}
	for _, row := range r.left() {
		cases = append(cases, JUnitCase{Name: row[0], Class: class, Skipped: &JUnitProblem{Message: row[1]}})
	}
	for _, cl := range r.Claims {
		c := JUnitCase{Name: "reachable: " + cl.Name, Class: class}
		switch r.reached(cl) {
		case notReached:
			c.Failure = &JUnitProblem{Message: "it happens in no run", Type: "unreached"}
		case unknown:
			c.Error = r.junitOpen("not reached so far")
		}
		cases = append(cases, c)
	}
	return cases
}

// junitOpen is a case that an incomplete search leaves open.
func (r *Report) junitOpen(what string) *JUnitProblem {
	return &JUnitProblem{Message: what + ". " + r.boundSentence(),
		Type: strings.ToLower(verdict.Incomplete.String())}
}
