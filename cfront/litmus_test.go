package cfront_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ctcheck/cfront"
	"ctcheck/judge"
	"ctcheck/model"
)

var (
	thread    = regexp.MustCompile(`(?ms)^(?:void\s+)?P(\d+)\s*\(([^)]*)\)\s*\{(.*?)^\}`)
	initially = regexp.MustCompile(`(?s)\{(.*?)\}`)
	parameter = regexp.MustCompile(`^\s*(?:volatile\s+)?(\w+)\s*\*\s*(\w+)\s*$`)
	begins    = regexp.MustCompile(`^\s*(?:int\s+)?\[?(\w+)\]?\s*=\s*(\d+)\s*$`)
	question  = regexp.MustCompile(`(?s)\b(exists|~exists|forall)\s*(\(.*\))\s*$`)
	register  = regexp.MustCompile(`(\d+):(\w+)\s*=\s*(-?\d+)`)
	location  = regexp.MustCompile(`\[?\b([a-zA-Z_]\w*)\]?\s*=\s*(-?\d+)`)
)

// asC is a litmus test as a protocol in C, whose claim at the end is that the condition is false. It is not ok of a
// test that is not as simple as most are.
func asC(src string) (text string, ok bool) {
	src = regexp.MustCompile(`(?s)\(\*.*?\*\)`).ReplaceAllString(src, "")
	if !strings.HasPrefix(strings.TrimSpace(src), "C ") || strings.Contains(src, "rcu") ||
		strings.Contains(src, "filter") {
		return "", false
	}
	var b strings.Builder
	b.WriteString("#include <linux/atomic.h>\n#include <linux/spinlock.h>\n#include <ctcheck.h>\n")
	start, kinds := map[string]string{}, map[string]string{}
	for line := range strings.SplitSeq(initially.FindStringSubmatch(src)[1], ";") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		m := begins.FindStringSubmatch(line)
		if m == nil {
			return "", false
		}
		start[m[1]], kinds[m[1]] = m[2], "int"
	}
	q := question.FindStringSubmatch(src)
	threads := thread.FindAllStringSubmatch(src, -1)
	if q == nil || len(threads) == 0 || regexp.MustCompile(`=\s*[a-z]`).MatchString(q[2]) {
		return "", false
	}
	var cpus strings.Builder
	for _, th := range threads {
		var args, observed []string
		for p := range strings.SplitSeq(th[2], ",") {
			if strings.TrimSpace(p) == "" {
				continue
			}
			m := parameter.FindStringSubmatch(p)
			if m == nil || kinds[m[2]] != "" && kinds[m[2]] != m[1] && start[m[2]] == "" {
				return "", false
			}
			kinds[m[2]] = m[1]
			args = append(args, "&"+m[2])
		}
		for _, r := range register.FindAllStringSubmatch(q[2], -1) {
			if name := "P" + r[1] + "_" + r[2]; r[1] == th[1] && !slices.Contains(observed, name+" = "+r[2]+";") {
				fmt.Fprintf(&b, "__ct_ghost long %s;\n", name)
				observed = append(observed, name+" = "+r[2]+";")
			}
		}
		fmt.Fprintf(&cpus, "static void P%s(%s)\n{%s\n%s\n}\nCTCHECK_CPU(C%s) { P%s(%s); }\n", th[1], th[2], th[3],
			strings.Join(observed, " "), th[1], th[1], strings.Join(args, ", "))
	}
	for name, kind := range kinds {
		value := start[name]
		if value == "" {
			value = "0"
		}
		if kind != "int" {
			value = "{ " + value + " }"
		}
		fmt.Fprintf(&b, "%s %s = %s;\n", kind, name, value)
	}
	cond := location.ReplaceAllStringFunc(register.ReplaceAllString(q[2], "P${1}_$2 = $3"), func(s string) string {
		m := location.FindStringSubmatch(s)
		if kinds[m[1]] != "" && kinds[m[1]] != "int" {
			return fmt.Sprintf("(*(int *)&%s == %s)", m[1], m[2])
		}
		return fmt.Sprintf("(%s == %s)", m[1], m[2])
	})
	cond = strings.NewReplacer(`/\`, "&&", `\/`, "||", "~", "!", "not", "!").Replace(cond)
	if q[1] == "forall" {
		cond = "!(" + cond + ")"
	}
	return b.String() + cpus.String() + fmt.Sprintf("CTCHECK_AT_END(\"condition\", !(%s));\n", cond), true
}

// A litmus test that is written as C ends as the litmus front end says.
func TestLitmusTestsAsC(t *testing.T) {
	files, err := judge.Find([]string{filepath.Join("..", "testdata", "litmus")})
	if err != nil {
		t.Fatal(err)
	}
	if more := os.Getenv("CTCHECK_LITMUS"); more != "" {
		found, err := judge.Find([]string{more})
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	compared := 0
	for i, file := range files {
		if testing.Short() && i%4 > 0 {
			continue
		}
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text, ok := asC(string(src))
		if !ok {
			continue
		}
		f, err := cfront.Load([]cfront.Source{{Name: "test.c", Text: []byte(text)}}, cfront.Options{})
		if err == nil {
			_, err = f.Program()
		}
		if err != nil {
			t.Logf("%s is left out: %v", file, err)
			continue
		}
		mms := []model.MemoryModel{model.SC, model.TSO}
		for i, o := range judge.Decide(context.Background(), file, src, mms, judge.Limits{}) {
			if o.Err != nil || o.Bound != "" {
				continue
			}
			want := o.Positive > 0
			if strings.HasPrefix(fmt.Sprint(o.Test.Quantifier), "forall") {
				want = o.Negative > 0
			}
			_, r := searched(t, f, mms[i])
			compared++
			if got := slices.Contains(violated(r), "condition"); got != want {
				t.Errorf("%s under %s: as C the condition is met: %t, as a litmus test: %t\n%s", file, mms[i], got,
					want,
					text)
			}
		}
	}
	if compared < 60 && !testing.Short() {
		t.Errorf("%d verdicts are compared", compared)
	}
	t.Logf("%d verdicts", compared)
}
