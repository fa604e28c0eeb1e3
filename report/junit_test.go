package report_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/models"
)

// A junitElement is what one element of a JUnit file may have.
type junitElement struct {
	must, may []string // attributes
	within    []string // elements that it may stand in; none: it is the root
	text      bool
}

// junitSchema has the facts of junit-10.xsd of Jenkins' xUnit plugin (github.com/jenkinsci/xunit-plugin), the
// schema that readers of the format, which nobody owns, agree on best. Beyond it the children of a suite are in the
// order of the older jenkins-junit.xsd, which JUnit's own tests use.
var junitSchema = map[string]junitElement{
	"testsuites": {may: []string{"name", "time", "tests", "failures", "errors"}},
	"testsuite": {must: []string{"name", "tests", "failures", "errors"}, within: []string{"testsuites"},
		may: []string{"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"}},
	"properties": {within: []string{"testsuite"}},
	"property":   {must: []string{"name", "value"}, within: []string{"properties"}},
	"testcase": {must: []string{"name"}, may: []string{"time", "classname", "group"}, within: []string{
		"testsuite"}},
	"failure":    {may: []string{"type", "message"}, within: []string{"testcase"}, text: true},
	"error":      {may: []string{"type", "message"}, within: []string{"testcase"}, text: true},
	"skipped":    {may: []string{"type", "message"}, within: []string{"testcase"}, text: true},
	"system-out": {within: []string{"testcase", "testsuite"}, text: true},
	"system-err": {within: []string{"testcase", "testsuite"}, text: true},
}

var (
	junitOrder = []string{"properties", "testcase", "system-out", "system-err"}
	junitTime  = regexp.MustCompile(`^[0-9]*(\.[0-9]*)?$`)
)

// junitValid says what of a JUnit file is not as the schema has it, or does not add up.
func junitValid(text string) error {
	type level struct {
		name  string
		order int // how far the children of a suite got
	}
	var stack []level
	counted, declared := map[string]int{}, map[string]int{}
	dec := xml.NewDecoder(strings.NewReader(text))
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			name := tok.Name.Local
			up := level{}
			if len(stack) > 0 {
				up = stack[len(stack)-1]
			}
			if err := junitFits(tok, up.name); err != nil {
				return err
			}
			if at := slices.Index(junitOrder, name); up.name == "testsuite" {
				if at < up.order {
					return fmt.Errorf("%s comes too late in its suite", name)
				}
				stack[len(stack)-1].order = at
			}
			stack = append(stack, level{name: name})
			counted[name]++
			if name == "testsuite" {
				for _, a := range tok.Attr {
					if n, err := strconv.Atoi(a.Value); err == nil && a.Name.Local != "name" {
						declared[a.Name.Local] += n
					}
				}
			}
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if len(stack) > 0 && !junitSchema[stack[len(stack)-1].name].text &&
				strings.TrimSpace(string(tok)) != "" {
				return fmt.Errorf("text in %s", stack[len(stack)-1].name)
			}
		}
	}
	for attr, name := range map[string]string{"tests": "testcase", "failures": "failure", "errors": "error",
		"skipped": "skipped"} {
		if declared[attr] != counted[name] {
			return fmt.Errorf("%d %s are declared, %d are there", declared[attr], attr, counted[name])
		}
	}
	return nil
}

// junitFits says what of an element is not as the schema has it.
func junitFits(e xml.StartElement, up string) error {
	name := e.Name.Local
	as, known := junitSchema[name]
	if !known || up == "" && as.within != nil || up != "" && !slices.Contains(as.within, up) {
		return fmt.Errorf("element %s in %q", name, up)
	}
	var has []string
	for _, a := range e.Attr {
		has = append(has, a.Name.Local)
		if !slices.Contains(slices.Concat(as.must, as.may), a.Name.Local) {
			return fmt.Errorf("%s has no attribute %s", name, a.Name.Local)
		}
		if a.Name.Local == "time" && !junitTime.MatchString(a.Value) {
			return fmt.Errorf("time %q of %s", a.Value, name)
		}
	}
	for _, a := range as.must {
		if !slices.Contains(has, a) {
			return fmt.Errorf("%s has to have an attribute %s", name, a)
		}
	}
	return nil
}

// The check of JUnit files takes what is right and nothing else.
func TestJUnitValid(t *testing.T) {
	const good = `<testsuites tests="1"><testsuite name="s" tests="1" failures="1" errors="0" time="1.5">` +
		`<properties><property name="p" value="v"/></properties>` +
		`<testcase name="c"><failure>text</failure></testcase>` +
		`<system-out>text</system-out></testsuite></testsuites>`
	if err := junitValid(good); err != nil {
		t.Error(err)
	}
	for _, row := range []struct{ old, new, want string }{
		{`<testsuites tests="1">`, `<testsuites skipped="0">`, "no attribute skipped"},
		{` errors="0"`, ``, "attribute errors"},
		{`time="1.5"`, `time="1.5s"`, "time"},
		{`<property `, `<prop `, "element"},
		{`failures="1"`, `failures="2"`, "2 failures are declared, 1 are there"},
		{`<failure>text</failure>`, `text`, "text in testcase"},
		{`</properties><testcase name="c">`, `</properties><system-out/><testcase name="c">`, "too late"},
		{`<testcase name="c"><failure>text</failure></testcase>`, `<failure>text</failure>`, "element failure"},
		{`</testsuites>`, ``, "EOF"},
	} {
		bad := strings.Replace(good, row.old, row.new, 1)
		bad = strings.Replace(bad, "</property>", "</prop>", 1)
		if err := junitValid(bad); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v, want %s", bad, err, row.want)
		}
	}
}

// Every verdict and finding there is makes a valid file: what is vacuous, open, unreached, and several memory
// models.
func TestJUnitOfEveryDesign(t *testing.T) {
	c := models.DefaultConfig()
	c.Setters = 1
	for _, d := range models.All() {
		if d.Accepts(c) != nil {
			continue
		}
		whole := makeUnder(t, model.TSO, d.Name, c, breadthFirst, applicable(t, d.Name, c)...)
		cut := makeUnder(t, model.SC, d.Name, c, explore.Options{MaxStates: 5}, applicable(t, d.Name, c)...)
		if err := junitValid(written(t, "junit", cut, whole)); err != nil {
			t.Errorf("%s: %v", d.Name, err)
		}
	}
}
