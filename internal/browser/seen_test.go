package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// This file has tests of what a person sees: nothing lies over what is to be clicked or read, and what is asked
// first is answered first.

// coveredJS is which of the elements that a selector finds cannot be clicked in their middle.
func coveredJS(selector string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%q)].filter(e => e.checkVisibility()).filter(e => {
		e.scrollIntoView({ block: "nearest" });
		const r = e.getBoundingClientRect();
		const at = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
		return !(at && (e.contains(at) || at.contains(e) && at.closest("label, a, button")));
	}).map(e => e.tagName + " " + e.textContent.slice(0, 30))`, selector)
}

// In the explorer everything above the run can be clicked after some steps, on a screen and on a phone.
func TestNothingLiesOverTheControls(t *testing.T) {
	address := explorer(t, "-model", "peterz", "--run", "0x2-1x3-0x2-2x8")
	for _, size := range [][2]int64{{1440, 900}, {390, 844}} {
		tb := open(t, address, size[0], size[1])
		tb.at(15)
		if covered := eval[[]string](tb, coveredJS(".ways a, .ways select, .ways button, .bar "+
			"button")); len(covered) > 0 {
			t.Errorf("%d wide: these cannot be clicked: %s", size[0], strings.Join(covered, "; "))
		}
		tb.shot(fmt.Sprintf("explore-%d", size[0]))
	}
}

// At the violating step the names of the CPUs can be read.
func TestHeadingsStay(t *testing.T) {
	address := page(t, 1, "-model", "peterz") + "#sc/no-double-execution/17"
	for _, size := range [][2]int64{{1440, 900}, {390, 844}} {
		tb := open(t, address, size[0], size[1])
		tb.until(cursorJS + ` === "17"`)
		names := eval[[]string](tb, `[...document.querySelectorAll(".stage:not([hidden]) .head")].filter(e => {
			const r = e.getBoundingClientRect();
			const at = document.elementFromPoint(Math.min(r.x + 20, innerWidth - 1), r.y + r.height / 2);
			return e === at || e.contains(at) || r.x > innerWidth || r.x < 0; // beyond the screen
		}).map(e => e.innerText)`)
		if !slices.Equal(names, []string{"CPUx", "CPUx2", "CPUy"}) {
			t.Errorf("%d wide: of the headings %v can be read", size[0], names)
		}
		inView := eval[bool](tb,
			`(() => { const b = document.querySelector(".stage:not([hidden]) .box[aria-current]");
			const r = b.getBoundingClientRect();
			return b.contains(document.elementFromPoint(r.x + r.width / 2, r.y + 6)); })()`)
		if !inView {
			t.Errorf("%d wide: something lies over the step at the cursor", size[0])
		}
		tb.shot(fmt.Sprintf("end-%d", size[0]))
	}
}

// Under several memory models the page opens with the verdict over all, and what the memory model decides.
func TestOneVerdictOnTop(t *testing.T) {
	tb := open(t, page(t, 1, "-model", "luto", "--memory", "sc,tso", "--props", "no-needless-ipi"), 1440, 900)
	if got := eval[string](tb, `document.querySelector("h1").innerText`); got != "luto VIOLATED" {
		t.Errorf("the page opens with %q", got)
	}
	seen := eval[string](tb, `[...document.querySelectorAll(".decides li")]
		.filter(e => e.getBoundingClientRect().bottom < innerHeight).map(e => e.innerText).join()`)
	if seen != "no-needless-ipi: holds under sc, violated under tso" {
		t.Errorf("without scrolling it says of what the memory model decides: %q", seen)
	}
	tb.shot("luto-top")
}

// The routines are listed once each, under a line; also where nothing is violated.
func TestListings(t *testing.T) {
	for status, args := range [][]string{{"-model", "valentin"}, {"-model", "peterz"}} {
		tb := open(t, page(t, status, args...), 1440, 900)
		names := tb.texts(".model summary code")
		sorted := slices.Compact(slices.Sorted(slices.Values(names)))
		if len(names) < 4 {
			t.Errorf("%v: the routines are %v", args, names)
		}
		texts := tb.texts(".model .listing")
		if len(slices.Compact(slices.Sorted(slices.Values(texts)))) != len(texts) || len(sorted) < 4 {
			t.Errorf("%v: a routine is listed twice: %v", args, names)
		}
		if high := eval[float64](tb, `Math.max(...[...document.querySelectorAll(".model summary")].map(e =>
			e.getBoundingClientRect().height / parseFloat(getComputedStyle(e).lineHeight)))`); high > 1.6 {
			t.Errorf("%v: a summary has %.1f lines", args, high)
		}
	}
}

// Whoever goes back to a step can go on from there, and asks for the way from there.
func TestBranching(t *testing.T) {
	tb := open(t, explorer(t, "-model", "peterz", "--run", "0x2-1x3-0x2"), 1440, 900)
	tb.at(7)
	if eval[bool](tb, `document.querySelector(".branch").checkVisibility()`) {
		t.Error("at the end there is a way on beside the moves")
	}
	tb.press("k", "k", "k")
	if got := eval[string](tb, `document.querySelector(".branch .from").innerText`); got != "go on from step 4" {
		t.Errorf("at step 4 it offers %q", got)
	}
	if path := eval[string](tb, `document.querySelector("input[name=path]").value`); path != "0-0-1-1" {
		t.Errorf("a goal is looked for from %s", path)
	}
	tb.press("b")
	tb.at(4)
	if n := tb.count("a.move"); n != 3 {
		t.Errorf("from step 4 there are %d ways on", n)
	}
}

// A step says which properties it breaks; those that the run is not about are muted.
func TestBreaks(t *testing.T) {
	tb := open(t, page(t, 1, "-model", "valentin", "--nmi", "1")+"#sc/no-double-execution/0", 1440, 900)
	tb.until(cursorJS + ` === "0"`)
	type broken struct {
		Text  string
		Other bool
	}
	got := eval[[]broken](tb, `[...document.querySelectorAll(".stage:not([hidden]) .breaks")].map(e =>
		({ Text: e.innerText, Other: e.classList.contains("other") }))`)
	want := []broken{{"breaks no-warn", true}, {"breaks no-double-execution", false}}
	if !slices.Equal(got, want) {
		t.Errorf("the steps say %v, want %v", got, want)
	}
}

// The properties are one line until somebody unfolds them; each run is a click away; nothing scrolls inside
// something that scrolls.
func TestTabs(t *testing.T) {
	tb := open(t, page(t, 1, "-model", "valentin", "--nmi", "1"), 1440, 900)
	if got := tb.texts(".all-findings summary")[0]; got != "5 violated, 3 hold, 4 reached" {
		t.Errorf("the properties are %q", got)
	}
	if tb.count(".tab") != 9 || tb.count(".stage:not([hidden])") != 1 {
		t.Errorf("%d tabs, %d runs are open", tb.count(".tab"), tb.count(".stage:not([hidden])"))
	}
	tb.click(`.tab[href*="no-warn"]`)
	tb.until(`document.querySelector(".stage:not([hidden]) h2").innerText.startsWith("no-warn: VIOLATED")`)
	if tb.count(".stage:not([hidden])") != 1 || tb.count(".tab[aria-current]") != 1 {
		t.Error("another run is open beside it")
	}
	tb.click(`.tab[href*="deferred"]`)
	tb.until(`document.querySelector(".stage:not([hidden]) h2").innerText.includes("reached in")`)
	if inner := eval[[]string](tb, `[...document.querySelectorAll(".stage:not([hidden]) *")].filter(e => {
		const o = getComputedStyle(e).overflowY;
		const scrolls = x => /auto|scroll/.test(getComputedStyle(x).overflowY) &&
			x.scrollHeight > x.clientHeight + 1;
		if (!/auto|scroll/.test(o) || !scrolls(e)) return false;
		for (let p = e.parentElement; p &&
			p !== document.documentElement; p = p.parentElement) if (scrolls(p)) return true;
		return false;
	}).map(e => e.className)`); len(inner) > 0 {
		t.Errorf("these scroll inside something that scrolls: %v", inner)
	}
}

// The arrow keys left and right lead along a CPU's lane, and Tab does not stop at each step's number.
func TestKeys(t *testing.T) {
	tb := open(t, page(t, 1, "-model", "peterz")+"#sc/no-double-execution/4", 1440, 900)
	tb.until(cursorJS + ` === "4" && document.activeElement.matches(".lanes")`)
	for _, row := range []struct{ key, want string }{{kb.ArrowRight, "5"}, {kb.ArrowLeft, "4"}, {kb.ArrowLeft,
		"3"}} {
		tb.press(row.key)
		if at := eval[string](tb, cursorJS); at != row.want {
			t.Errorf("the cursor is at %s, want %s", at, row.want)
		}
	}
	tb.press("k", "k") // step 1, of CPUx, whose next are 2 and 6
	tb.press(kb.ArrowRight, kb.ArrowRight)
	if at := eval[string](tb, cursorJS); at != "6" {
		t.Errorf("the third step of CPUx is %s, want 6", at)
	}
	tb.press(kb.Tab)
	if got := eval[bool](tb, `document.activeElement.matches(".no")`); got {
		t.Error("Tab leads to the number of a step")
	}
}

// What is folded is printed, and folded again.
func TestPrinting(t *testing.T) {
	tb := open(t, page(t, 1, "-model", "valentin", "--nmi", "1"), 1440, 900)
	state := func() [2]int { return [2]int{tb.count("details.facts[open]"), tb.count(".stage:not([hidden])")} }
	if got := state(); got != [2]int{0, 1} {
		t.Errorf("before: %v", got)
	}
	tb.js(`dispatchEvent(new Event("beforeprint"))`)
	if got := state(); got != [2]int{1, 9} {
		t.Errorf("printed: %v", got)
	}
	tb.js(`dispatchEvent(new Event("afterprint"))`)
	if got := state(); got != [2]int{0, 1} {
		t.Errorf("after: %v", got)
	}
}

// Names are broken after brackets, commas and bars only, and no label lies under the head of an arrow.
func TestNamesAndLabels(t *testing.T) {
	tb := open(t, page(t, 1, "-model", "peterz")+"#sc/no-double-execution/17", 1440, 900)
	tb.until(`document.querySelectorAll("svg path.reads-arrow").length > 3`)
	if broken := eval[[]string](tb, `[...document.querySelectorAll(".stage:not([hidden]) .panel .w")]
		.filter(e => e.getClientRects().length > 1 || e.scrollWidth > e.clientWidth +
			1).map(e => e.innerText)`); len(broken) > 0 {
		t.Errorf("these are broken inside: %v", broken)
	}
	under := eval[[]string](tb, `(() => {
		const stage = document.querySelector(".stage:not([hidden])");
		const labels = [...stage.querySelectorAll(".band[data-name]")].map(b => {
			const r = b.getBoundingClientRect(), size = parseFloat(getComputedStyle(b, "::before").fontSize) + 6;
			const left = b.classList.contains("store") ? r.right - size : r.left;
			return { name: b.dataset.name, left, right: left + size, top: r.top, bottom: Math.min(r.bottom,
				r.top + 60) };
		});
		return [...stage.querySelectorAll("svg path[class*=arrow]")].flatMap(p => {
			const e = p.getPointAtLength(p.getTotalLength()), m = p.getScreenCTM();
			const x = e.x * m.a + m.e, y = e.y * m.d + m.f,
				before = p.getPointAtLength(p.getTotalLength() - 8).x * m.a + m.e;
			const [l, r] = [Math.min(x, before), Math.max(x, before)];
			return labels.filter(b => l < b.right && r > b.left && y > b.top - 4 && y < b.bottom +
				4).map(b => b.name);
		});
	})()`)
	if len(under) > 0 {
		t.Errorf("these labels lie under the head of an arrow: %v", under)
	}
}

// The page says how to make it again, who made it and when, and links to the mail; it plots the states.
func TestWhatMadeThePage(t *testing.T) {
	tb := open(t, page(t, 1, "-model", "peterz", "--setters", "2", "--max-depth", "100"), 1440, 900)
	if got := tb.texts(".command")[0]; strings.TrimSpace(got) != "ctcheck -model peterz --setters 2 --max-depth "+
		"100" {
		t.Errorf("the call is %q", got)
	}
	if got := tb.texts(".made")[0]; !strings.HasPrefix(got, "ctcheck v") || !strings.Contains(got, ", 20") {
		t.Errorf("it is made by %q", got)
	}
	const mail = "https://lore.kernel.org/all/20210929152428.947246287@infradead.org/"
	if links := eval[[]string](tb,
		`[...document.querySelectorAll(".facts a")].map(a => a.href)`); !slices.Contains(links,
		mail) {
		t.Errorf("the links are %v", links)
	}
	if n := tb.count(".plot rect"); n < 20 {
		t.Errorf("%d depths are plotted", n)
	}
}

// What the server cannot do it says on a page like the others, in words.
func TestErrorPage(t *testing.T) {
	tb := open(t, explorer(t, "-model", "peterz")+"?path=9", 1440, 900)
	text := eval[string](tb, `document.querySelector("[role=alert]").innerText`)
	if !strings.Contains(text, "of a CPU that the program does not have") || tb.count("style") != 1 ||
		eval[string](tb, `document.querySelector("h1").innerText`) != "Bad Request" {
		t.Errorf("it says %q", text)
	}
}

// The filters hide ghosts, what holds, and what did not change; in every run of the page.
func TestFilters(t *testing.T) {
	tb := open(t, page(t, 1, "-model", "peterz")+"#sc/no-double-execution/4", 1440, 900)
	tb.until(cursorJS + ` === "4"`)
	const panel = ".stage:not([hidden]) .panel "
	rows, holds := tb.count(panel+"tr"), tb.count(panel+".truth-k")
	tb.click(panel + `[data-filter="ghosts"]`)
	if strings.Contains(eval[string](tb, panelJS), "may run") || tb.count(panel+"tr") >= rows {
		t.Error("ghosts are still there")
	}
	tb.click(panel + `[data-filter="holds"]`)
	if holds == 0 || tb.count(panel+".truth-k") != 0 {
		t.Errorf("%d properties hold, and %d are still there", holds, tb.count(panel+".truth-k"))
	}
	tb.click(panel + `[data-filter="rest"]`)
	if a, b := tb.count(panel+"td"), tb.count(panel+"tr.changed"); a != b || b == 0 {
		t.Errorf("%d rows, of which %d changed", a, b)
	}
	tb.press("j")
	if a, b := tb.count(panel+"td"), tb.count(panel+"tr.changed"); a != b || b == 0 {
		t.Errorf("a step further: %d rows, of which %d changed", a, b)
	}
}

// Where two designs part stands side by side, and the cursor moves in both runs at once.
func TestSideBySide(t *testing.T) {
	file := filepath.Join(t.TempDir(), "diff.html")
	text := ctcheck(t, 0, "diff", "valentin", "valentin-v4", "--configs", "1+nmi", "--format", "html")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	tb := open(t, "file://"+file, 1440, 900)
	tb.press("j", "j", "j")
	if at := eval[[]string](tb,
		`[...document.querySelectorAll(".box[aria-current]")].map(b => b.dataset.n)`); !slices.Equal(
		at, []string{"3", "3"}) {
		t.Errorf("the cursors are at %v", at)
	}
	sides := eval[[]float64](tb,
		`[...document.querySelectorAll(".pair > section")].map(e => e.getBoundingClientRect().top)`)
	if len(sides) != 2 || sides[0] != sides[1] {
		t.Errorf("the runs are not side by side: %v", sides)
	}
	if notes := tb.texts(".box[aria-current]"); !strings.Contains(notes[0], "WORK_0 needs an IPI") ||
		strings.Contains(notes[1], "WORK_0 needs an IPI") {
		t.Errorf("at the parting they do %v", notes)
	}
	tb.shot("diff")
}
