package browser

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ctcheck/browse"
	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/report"
)

// hostileHTML is text that means something to HTML, to scripts, to styles and to addresses.
const hostileHTML = `</script><script>window.hacked=1</script><img src=x onerror="window.hacked=2">` +
	`" onmouseover="window.hacked=3" '\"><!-- ]]> &amp; &lt; javascript:window.hacked=4 ${window.hacked=5} {{.}} ` +
	"url(http://evil.example) \u2028\u2029\u202e\x01 100%2f#a/b?c=d end"

// hostileProgram is a program whose every label is hostile, and the claim that it violates.
func hostileProgram() (*model.Program, []*model.Monitor) {
	p := model.New("hostile " + hostileHTML)
	v := p.Shared("var "+hostileHTML, model.Bits(2), model.Int(0)).Flag(model.Int(1), "flag "+hostileHTML)
	cpu := p.CPU("CPU " + hostileHTML)
	ipi := cpu.IPI("ipi "+hostileHTML, p.Routine("handler "+hostileHTML, func(r *model.Routine) {
		r.WriteOnce("store "+hostileHTML, v, model.Int(1))
	}))
	cpu.Run(p.Routine("routine "+hostileHTML, func(r *model.Routine) {
		l := r.LocalOf("local "+hostileHTML, v)
		r.ReadOnce("read "+hostileHTML, l, v)
		r.Pause("pause " + hostileHTML)
	}))
	p.CPU("CPU1 " + hostileHTML).Run(p.Routine("sender "+hostileHTML, func(r *model.Routine) {
		r.SendIPI("send "+hostileHTML, ipi)
	}))
	p.Assumptions = append(p.Assumptions, "assumption "+hostileHTML)
	return p, []*model.Monitor{props.Never("prop "+hostileHTML, v.Eq(model.Int(1)))}
}

// unharmed checks that nothing of a label became markup or ran.
func unharmed(t *testing.T, tb *tab) {
	t.Helper()
	if h := eval[string](tb, `String(window.hacked)`); h != "undefined" {
		t.Errorf("a label ran: %s", h)
	}
	if n := eval[int](tb, `document.querySelectorAll("img, [onmouseover], [onerror]").length`); n != 0 {
		t.Errorf("%d elements come from labels", n)
	}
	if text := eval[string](tb, `document.body.textContent`); !strings.Contains(text,
		`read </script><script>window.hacked=1</script><img src=x onerror="window.hacked=2">`) {
		t.Errorf("the labels are not shown: %s", text)
	}
}

// Labels of a model cannot break or script its page.
func TestHostileLabelsOnThePage(t *testing.T) {
	p, ms := hostileProgram()
	res, err := explore.Run(t.Context(), p, ms, explore.Options{Memory: model.TSO, Search: explore.BreadthFirst})
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := report.HTML(&page, &report.Report{Model: "model " + hostileHTML, Summary: hostileHTML,
		Source: hostileHTML,
		Config: []report.Param{{Name: hostileHTML, Value: hostileHTML}}, Program: p, Result: res}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "hostile.html")
	if err := os.WriteFile(file, page.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	tb := open(t, "file://"+file, 1200, 900)
	unharmed(t, tb)
	last := eval[int](tb, `document.querySelectorAll(".box").length`) - 1
	for range last {
		tb.press("j")
	}
	if at := eval[string](tb, cursorJS); at != fmt.Sprint(last) {
		t.Errorf("the cursor is at %s of %d", at, last)
	}
	if !eval[bool](tb, panelJS+`.includes("violated here")`) {
		t.Error("the last step violates nothing")
	}
	unharmed(t, tb)
	tb.shot("hostile")
	link := open(t, "file://"+file+eval[string](tb, "location.hash"), 1200, 900)
	if at := eval[string](link, cursorJS); at != fmt.Sprint(last) {
		t.Errorf("the permalink leads to %s of %d", at, last)
	}
}

// Nor the explorer's.
func TestHostileLabelsInTheExplorer(t *testing.T) {
	p, ms := hostileProgram()
	srv := httptest.NewUnstartedServer(nil)
	h, err := (&browse.Explorer{Model: "model " + hostileHTML, Summary: hostileHTML, Command: hostileHTML,
		Program:  p,
		Monitors: ms,
		Memory:   model.TSO, Timeout: time.Minute}).Handler(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	srv.Config.Handler = h
	srv.Start()
	t.Cleanup(srv.Close)
	tb := open(t, srv.URL+"/", 1200, 900)
	for i := range 4 {
		unharmed(t, tb)
		tb.follow(`[...document.querySelectorAll("a.move")].pop()`, i+1)
	}
	unharmed(t, tb)
}

// A page with a thousand steps and more stays usable: the cursor moves, and what is not drawn is said.
func TestLongRuns(t *testing.T) {
	for _, steps := range []int{1000, 3000} {
		p := model.New("long")
		x := p.Shared("x", model.UpTo(int64(steps)), model.Int(0))
		for i := range 2 {
			p.CPU(fmt.Sprint("CPU", i)).Run(p.Routine("count", func(r *model.Routine) {
				v := r.LocalOf("v", x)
				r.Forever(func() {
					r.CondLoadAcquire("wait for my turn", v, x, v.And(model.Int(1)).Eq(model.Int(i)))
					r.AtomicAdd("x++", x, model.Int(1))
				})
			}))
		}
		res, err := explore.Run(t.Context(), p, []*model.Monitor{props.Never("the end",
			x.Eq(model.Int(steps/2)))}, explore.Options{Search: explore.BreadthFirst, First: true})
		if err != nil {
			t.Fatal(err)
		}
		var page bytes.Buffer
		if err := report.HTML(&page, &report.Report{Model: "long", Program: p, Result: res}); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "long.html")
		if err := os.WriteFile(file, page.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		tb := open(t, "file://"+file, 1200, 900)
		tb.press(end)
		tb.press(slices.Repeat([]string{"k"}, 20)...)
		tb.js(`document.querySelector(".all").click()`)
		tb.press(slices.Repeat([]string{"j"}, 19)...)
		if at := eval[string](tb, cursorJS); at != fmt.Sprint(steps-1) {
			t.Errorf("%d steps: the cursor is at %s", steps, at)
		}
		if got := eval[string](tb, valueJS+`("x")`); got != fmt.Sprint(steps/2-1) {
			t.Errorf("%d steps: x is %s", steps, got)
		}
		cut := strings.Contains(eval[string](tb, `document.body.innerText`), "are not drawn")
		if cut != (steps > 1500) {
			t.Errorf("%d steps: cut %v", steps, cut)
		}
		tb.shot(fmt.Sprint("long-", steps))
	}
}
