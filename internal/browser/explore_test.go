package browser

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// explorer starts the explorer of a design, and returns its address. It must end in order when it is
// interrupted.
func explorer(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command(binary, append([]string{"explore"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("after Ctrl-C: %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address := regexp.MustCompile(`http://\S+`).FindString(line)
	if address == "" {
		t.Fatalf("it says %q", line)
	}
	return address
}

// follow goes where a click on an element leads, which is a page with so many steps.
func (tb *tab) follow(js string, steps int) {
	tb.t.Helper()
	tb.js(fmt.Sprintf(`(%s).click()`, js))
	tb.at(steps)
}

// at waits until the page of a run of so many steps is there.
func (tb *tab) at(steps int) {
	tb.t.Helper()
	tb.until(fmt.Sprintf(`document.readyState === "complete" &&
		document.querySelector(".at")?.textContent === "step %d of %d"`, steps, steps))
}

// The explorer of peterz is driven to the race by clicking what the trace does, step by step.
func TestExploreToTheRace(t *testing.T) {
	steps := traceOf(t, "-model", "peterz")
	tb := open(t, explorer(t, "-model", "peterz"), 1500, 1000)
	for i, s := range steps {
		if eval[bool](tb, panelJS+`.includes("violated here")`) {
			t.Fatalf("violated after %d steps", i)
		}
		tb.follow(fmt.Sprintf(`[...document.querySelectorAll("a.move")].find(a =>
			a.querySelector(".sr").textContent === %q `+
			`&& a.querySelector("code").textContent === %q)`, s.CPU+" may do: ", s.Statement), i+1)
		for name, c := range s.Changes {
			raw := eval[string](tb, fmt.Sprintf(`(name => { const r = [...document.querySelectorAll(".panel tr")]
				.find(r => r.cells[0].innerText === name);
				return r ? (r.querySelector(".raw")?.innerText.slice(1,
					-1) ?? r.querySelector(".value").innerText) : ""; })(%q)`, name))
			if raw != fmt.Sprint(c[1]) {
				t.Errorf("step %d: %s is %q, want %d", i+1, name, raw, c[1])
			}
		}
	}
	tb.shot("explore-race")
	if !eval[bool](tb, panelJS+`.includes("violated here: no-double-execution")`) {
		t.Errorf("the race is not on the page: %s", eval[string](tb, panelJS))
	}
	// The address is the run: another tab shows the same.
	again := open(t, eval[string](tb, "location.href"), 1500, 1000)
	if !eval[bool](again, panelJS+`.includes("violated here: no-double-execution")`) {
		t.Error("the address does not lead to the race")
	}
	tb.follow(`document.querySelector('[data-key="u"]')`, len(steps)-1)
	if eval[bool](tb, panelJS+`.includes("violated here")`) {
		t.Error("one step back it is still violated here")
	}
	tb.js("history.back()")
	tb.at(len(steps))
	tb.press("r")
	tb.at(0)
}

// The counterexample and the shortest way to an event are a choice and a click away.
func TestExploreByGoals(t *testing.T) {
	steps := traceOf(t, "-model", "peterz")
	tb := open(t, explorer(t, "-model", "peterz", "--nmi", "0"), 1200, 900)
	choose := func(text string) {
		t.Helper()
		if !eval[bool](tb, fmt.Sprintf(`(() => { const o = [...document.querySelectorAll("option")]
			.find(o => o.textContent.includes(%q));
			if (o) o.selected = true;
			return !!o; })()`, text)) {
			t.Fatalf("there is no goal %q", text)
		}
	}
	choose("a counterexample of no-double-execution")
	tb.follow(`document.querySelector('button[value="here"]')`, len(steps))
	choose("counterexample of no-warn")
	tb.js(`document.querySelector('button[value="here"]').click()`)
	tb.until(`document.querySelector("[role=alert]")?.innerText.includes("no-warn holds")`)
	choose("CPUy: ran work=0 by=flush")
	tb.js(`document.querySelector('button[value="start"]').click()`)
	tb.until(`document.querySelector(".box[aria-current]")?.innerText.includes("WORK_0 runs, by the flush")`)
	tb.shot("explore-event")
	tb.js(`document.querySelector(".lanes").focus()`)
	n := eval[int](tb, `document.querySelectorAll(".box").length`)
	tb.press("1")
	tb.until(fmt.Sprintf(`document.querySelectorAll(".box").length === %d`, n+1))
}

// The explorer offers the stores on their way to memory; with NMIs, these. Where an NMI need not drain the store
// buffer, it offers both at once.
func TestExploreOffersFlushesAndNMIs(t *testing.T) {
	tb := open(t, explorer(t, "-model", "luto", "--memory", "tso-lazy", "--nmi", "1", "--setters", "1"), 1200, 900)
	for i := range 12 {
		if eval[bool](tb, `!!document.querySelector("a.move.flush") && !!document.querySelector("a.move.nmi")`) {
			tb.follow(`document.querySelector("a.move.flush")`, i+1)
			if what := eval[string](tb,
				`document.querySelector(".box[aria-current] .what").innerText`); !strings.Contains(what,
				"becomes visible") {
				t.Errorf("a flush is %q", what)
			}
			return
		}
		tb.follow(`[...document.querySelectorAll("a.move.step")]
			.find(a => a.querySelector(".sr").textContent.startsWith("CPUy"))`, i+1)
	}
	t.Error("no store ever waits")
}
