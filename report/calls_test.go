package report_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ctcheck/explore"
	"ctcheck/internal/testkit"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/report"
)

// caller is a CPU that calls a routine twice in a row and in a loop, one that calls another, and a handler with a
// constant argument.
func caller(t *testing.T) *report.Report {
	t.Helper()
	p := model.New("caller")
	x := p.Shared("x", model.Bits(2), model.Int(0)).Flag(model.Int(1), "A").Flag(model.Int(2), "B")
	n := p.Ghost("n", model.UpTo(9), model.Int(0))
	count := func(r *model.Routine) { r.Set(n, n.Add(model.Int(1))) }
	set := p.Routine("set", func(r *model.Routine) {
		bits, wait := r.Param("bits", x.Range).Like(x), r.Param("wait", model.Bool)
		r.AtomicOr("atomic_or(bits, &x)", x, bits)
		r.If(wait, func() { r.SmpMb() })
		count(r)
	})
	both := p.Routine("both", func(r *model.Routine) {
		r.Call(set, nil, model.Int(1), model.False)
		r.Call(set, nil, model.Int(1), model.False)
		r.AtomicSet("atomic_set(&x, 0)", x, model.Int(0))
		count(r)
	})
	c := p.CPU("CPU0")
	ipi := c.IPI("ipi", p.Routine("handler", func(r *model.Routine) {
		r.Call(set, nil, r.Param("bits", x.Range).Like(x), model.True)
	}), model.Int(3))
	c.Run(p.Routine("CPU0 task", func(r *model.Routine) {
		i := r.Local("i", model.UpTo(3))
		r.While(i.Lt(model.Int(2)), func() {
			r.Set(i, i.Add(model.Int(1)))
			r.Call(set, nil, i, model.True)
		})
		r.Call(both, nil)
		r.Frame(model.Exit, func() { r.SendIPI("/* sends itself an IPI */", ipi) })
		r.Pause("/* rests */")
	}))
	r, err := explore.Run(t.Context(), p, []*model.Monitor{props.Never("six", n.Eq(model.Int(6)))}, breadthFirst)
	if err != nil {
		t.Fatal(err)
	}
	r.Duration, r.Search.Bytes = 0, 0
	return &report.Report{Model: p.Name, Summary: "calls", Program: p, Result: r}
}

const callerRun = `    CPU0
    /* x = 0 */
    set(bits=A, wait=true):
  1   atomic_or(bits, &x)
        x: 0 -> A
        n: 0 -> 1
    set(bits=B, wait=true):
  2   atomic_or(bits, &x)
        x: A -> A|B
        n: 1 -> 2
    both():
      set(bits=A, wait=false):
  3     atomic_or(bits, &x)
          n: 2 -> 3
      set(bits=A, wait=false):
  4     atomic_or(bits, &x)
          n: 3 -> 4
  5   atomic_set(&x, 0)
        x: A|B -> 0
        n: 4 -> 5
  6   /* sends itself an IPI */
  7 +-- IPI: ipi
    | set(bits=A|B, wait=true):
  8 |   atomic_or(bits, &x)
    |     x: 0 -> A|B
    |     n: 5 -> 6
    +--

=> The claim "six" does not hold here.
`

// Every call has its heading, with its arguments: the same routine twice in a row, each round of a loop, a call
// inside another, in a handler.
func TestCallsHaveHeadings(t *testing.T) {
	r := caller(t)
	var text strings.Builder
	report.TraceText(&text, r.Program, r.Properties[0].Trace)
	if text.String() != callerRun {
		t.Errorf("the run is\n%s\nwant\n%s", text.String(), callerRun)
	}
	for _, f := range []string{"mmd", "dot"} {
		said := written(t, f, r)
		for what, want := range map[string]int{"set(bits=A, wait=false)": 2, "both()": 2, "back in both()": 1,
			"set(bits=B, wait=true)": 1} {
			if got := strings.Count(said, what); got != want {
				t.Errorf("%s: %d times %q, want %d", f, got, what, want)
			}
		}
	}
}

// The JSON numbers the calls, so that two of the same routine with the same arguments are told apart.
func TestCallsInJSON(t *testing.T) {
	var got struct {
		Properties []struct {
			Trace []struct {
				Calls []struct {
					Number    int
					Text      string
					Arguments []struct {
						Name, Text string
						Value      int
					}
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(written(t, "json", caller(t))), &got); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, s := range got.Properties[0].Trace {
		var line []string
		for _, c := range s.Calls {
			line = append(line, fmt.Sprint(c.Number, " ", c.Text))
		}
		lines = append(lines, strings.Join(line, " "))
	}
	want := []string{"1 CPU0 task() 2 set(bits=A, wait=true)", "1 CPU0 task() 3 set(bits=B, wait=true)",
		"1 CPU0 task() 4 both() 5 set(bits=A, wait=false)", "1 CPU0 task() 4 both() 6 set(bits=A, wait=false)",
		"1 CPU0 task() 4 both()", "1 CPU0 task()", "", "7 handler(bits=A|B) 8 set(bits=A|B, wait=true)"}
	if !slices.Equal(lines, want) {
		t.Errorf("%q, want %q", lines, want)
	}
	if a := got.Properties[0].Trace[1].Calls[1].Arguments; len(a) != 2 || a[0].Name != "bits" || a[0].Value != 2 ||
		a[0].Text != "B" || a[1].Text != "true" {
		t.Errorf("the arguments are %+v", a)
	}
}

// Where a step assigns two locals of one name, each is told by its routine, in text and in JSON.
func TestLocalsOfOneName(t *testing.T) {
	p := model.New("names")
	x := p.Shared("x", model.UpTo(3), model.Int(2))
	get := p.Routine("get", func(r *model.Routine) {
		seen := r.LocalOf("seen", x)
		r.AtomicRead("x", seen, x)
	})
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		seen := r.LocalOf("seen", x)
		r.Atomic("both", func() {
			r.AtomicRead("x", seen, x)
			r.Call(get, nil)
		})
		r.WriteOnce("WRITE_ONCE(x, seen + 1)", x, seen.Add(model.Int(1)))
	}))
	res, err := explore.Run(t.Context(), p, []*model.Monitor{props.Never("three", x.Eq(model.Int(3)))},
		explore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &report.Report{Model: p.Name, Summary: "names", Program: p, Result: res}
	testkit.Mentions(t, written(t, "text", r), "whose each is", "seen, in get = 2", "seen, in main = 2")
	testkit.Mentions(t, written(t, "json", r), "whose each is", `"seen, in get": 2`, `"seen, in main": 2`)
}
