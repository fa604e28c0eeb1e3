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
type junitSuites struct {
	XMLName xml.Name `xml:"testsuites"`
	junitCounts
	Suites []junitSuite `xml:"testsuite"`
}

// What is skipped is counted for each suite only: Jenkins' schema knows no sum of it.
type junitCounts struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
}

// A junitSuite is one report.
type junitSuite struct {
	Name string `xml:"name,attr"`
	junitCounts
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"` // in seconds
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
	Out        junitText       `xml:"system-out"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

// A junitCase is one property or claim; with none of the three it passed.
type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Failure *junitProblem `xml:"failure"`
	Error   *junitProblem `xml:"error"`
	Skipped *junitProblem `xml:"skipped"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	junitText
}

// A junitText is text with its line breaks as they are: package xml would write them as entities.
type junitText struct {
	XML string `xml:",innerxml"`
}

func xmlText(s string) junitText {
	var b bytes.Buffer
	xml.EscapeText(&b, []byte(s)) // a buffer takes all
	return junitText{strings.ReplaceAll(b.String(), "&#xA;", "\n")}
}

// JUnit writes a test suite for each report, with a test case for each property and each claim. The error is
// that of w.
func JUnit(w io.Writer, rs ...*Report) error {
	var all junitSuites
	for i, r := range rs {
		var more string
		if len(rs) > 1 && i == len(rs)-1 {
			more = "what the memory model decides:\n  " + strings.Join(decides(rs), "\n  ") + "\n"
		}
		s := r.junit(more)
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

func (r *Report) junit(more string) junitSuite {
	s := junitSuite{Name: r.Model + " under " + r.Memory.Title(), Cases: r.junitCases(),
		Time: fmt.Sprintf("%.3f", r.Duration.Seconds())}
	for _, f := range r.facts() {
		if f[0] == "" {
			f[0] = "assumed"
		}
		s.Properties = append(s.Properties, junitProperty{f[0], f[1]})
	}
	for _, c := range s.Cases {
		s.Tests++
		switch {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
	lines := append([]string{r.figures()}, r.remarks()...)
	if r.search().Checkpoint != "" {
		lines = append(lines, r.checkpoint())
	}
	s.Out = xmlText(strings.Join(append(lines, r.summaryLine()), "\n") + "\n" + more)
	return s
}

func (r *Report) junitCases() []junitCase {
	class := "ctcheck." + r.Model + "." + r.Memory.String()
	var cases []junitCase
	for _, p := range r.Properties {
		c := junitCase{Name: p.Name, Class: class}
		switch {
		case p.Violated:
			var story strings.Builder
			Story(&story, r.Program, p.Trace)
			c.Failure = &junitProblem{strings.Join(broke(r.Program, p.Trace), " "), "violated",
				xmlText("\n" + story.String())}
		case !r.Holds(p):
			c.Error = r.junitOpen(r.finding(p))
		}
		cases = append(cases, c)
	}
	reasons := r.void()
	for _, name := range slices.Sorted(maps.Keys(reasons)) {
		cases = append(cases, junitCase{Name: name, Class: class,
			Skipped: &junitProblem{Message: "void: " + reasons[name]}})
	}
	for _, cl := range r.Claims {
		c := junitCase{Name: "reachable: " + cl.Name, Class: class}
		switch r.reached(cl) {
		case notReached:
			c.Failure = &junitProblem{Message: "it happens in no run", Type: "unreached"}
		case unknown:
			c.Error = r.junitOpen("not reached so far")
		}
		cases = append(cases, c)
	}
	return cases
}

// junitOpen is a case that an incomplete search leaves open.
func (r *Report) junitOpen(what string) *junitProblem {
	return &junitProblem{Message: what + ". " + r.boundSentence(),
		Type: strings.ToLower(verdict.Incomplete.String())}
}
