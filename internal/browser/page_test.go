package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// A step is one of a trace, as the JSON report has it.
type step struct {
	CPU, Frame, Statement string
	Changes               map[string][2]int64
}

// traceOf is the trace of the first violated property of a call.
func traceOf(t *testing.T, args ...string) []step {
	t.Helper()
	var r struct {
		Properties []struct {
			Verdict string
			Trace   []step
		}
	}
	if err := json.Unmarshal([]byte(ctcheck(t, 1, append(args, "--format", "json")...)), &r); err != nil {
		t.Fatal(err)
	}
	for _, p := range r.Properties {
		if p.Verdict == "violated" {
			return p.Trace
		}
	}
	t.Fatal("nothing is violated")
	return nil
}

// What the cursor is on, and what the panel says.
const (
	cursorJS = `document.querySelector(".stage:not([hidden]) .box[aria-current=step]").dataset.n`
	panelJS  = `document.querySelector(".stage:not([hidden]) .panel").innerText`
	// valueJS is the value of a row of the panel.
	valueJS = `(name => [...document.querySelectorAll(".panel tr")].find(r => r.cells[0].innerText === name)` +
		`?.querySelector(".value").innerText ?? "")`
)

// The page of peterz: walk to the violating step by keyboard; the lanes, the values and the permalink are what the
// trace says. It is one walk along the page, and as long as that.
func TestPageOfPeterz(t *testing.T) {
	steps := traceOf(t, "-model", "peterz")
	address := page(t, 1, "-model", "peterz")
	tb := open(t, address, 1500, 1000)
	if heads := eval[[]string](tb,
		`[...document.querySelectorAll(".stage:not([hidden]) .head")].map(e => e.innerText)`); !slices.Equal(heads,
		[]string{"CPUx", "CPUx2", "CPUy"}) {
		t.Errorf("the lanes are %v", heads)
	}
	type box struct {
		N, Text, Lane string
	}
	boxes := eval[[]box](tb, `[...document.querySelectorAll(".stage:not([hidden]) .box:not(.start)")].map(b => {
		const mid = b.getBoundingClientRect().x + b.getBoundingClientRect().width / 2;
		const lane = [...document.querySelectorAll(".stage:not([hidden]) .head")].find(h => {
			const r = h.getBoundingClientRect();
			return r.left <= mid && mid <= r.right;
		});
		return { N: b.dataset.n, Text: b.querySelector(".what").innerText, Lane: lane.innerText };
	})`)
	if len(boxes) != len(steps) {
		t.Fatalf("%d boxes, want %d", len(boxes), len(steps))
	}
	for i, s := range steps {
		if b := boxes[i]; b.N != fmt.Sprint(i+1) || b.Lane != s.CPU || b.Text != s.Statement {
			t.Errorf("box %+v, want step %d, %s: %s", b, i+1, s.CPU, s.Statement)
		}
	}
	for i := range steps {
		key := "j"
		if i%2 == 1 {
			key = down
		}
		tb.press(key)
		if at := eval[string](tb, cursorJS); at != fmt.Sprint(i+1) {
			t.Fatalf("after %d keys the cursor is at %s", i+1, at)
		}
		broken := strings.Contains(eval[string](tb, panelJS), "violated here: no-double-execution")
		if broken != (i == len(steps)-1) {
			t.Errorf("step %d: violated here %v", i+1, broken)
		}
	}
	if seq := eval[string](tb, valueJS+`("ct->seq")`); seq != "CT_SEQ*1" {
		t.Errorf("ct->seq is %q in the end", seq)
	}
	if lit := eval[string](tb, `document.querySelector(".panel li[aria-current] code").innerText`); lit !=
		steps[len(steps)-1].Statement {
		t.Errorf("the statement %q is lit", lit)
	}
	tb.shot("peterz-end")
	hash := eval[string](tb, "location.hash")
	if hash != fmt.Sprintf("#sc/no-double-execution/%d", len(steps)) {
		t.Errorf("the permalink is %s", hash)
	}
	tb.press("k", up, "k")
	if at := eval[string](tb, cursorJS); at != fmt.Sprint(len(steps)-3) {
		t.Errorf("three back the cursor is at %s", at)
	}
	tb.press(home)
	if at := eval[string](tb, cursorJS); at != "0" {
		t.Errorf("Home leads to %s", at)
	}
	tb.press(end)
	if at := eval[string](tb, cursorJS); at != fmt.Sprint(len(steps)) {
		t.Errorf("End leads to %s", at)
	}
	tb.click(`.stage:not([hidden]) .box[data-n="4"] .what`)
	if at := eval[string](tb, cursorJS); at != "4" {
		t.Errorf("a click on step 4 leads to %s", at)
	}
	changed := eval[[]string](tb, `[...document.querySelectorAll(".panel .changed th")].map(e => e.innerText)`)
	if !slices.Contains(changed, "ct->work") || slices.Contains(changed, "ct->seq") {
		t.Errorf("step 4 changed %v", changed)
	}
	there := open(t, address+"#sc/no-double-execution/9", 1500, 1000)
	if at := eval[string](there, cursorJS); at != "9" {
		t.Errorf("the permalink of step 9 leads to %s", at)
	}
}

// Handlers are boxes around their steps, one in the other, and arrows lead to the reads.
func TestHandlersAreNestedBoxes(t *testing.T) {
	tb := open(t, page(t, 1, "-model", "valentin", "--setters", "1", "--nmi", "2", "--nmi-depth", "2", "--props",
		"no-warn,no-double-execution"), 1500, 1200)
	tb.shot("nmis")
	// Of every band of a handler: the boxes of its CPU in its rows lie inside it, and it has some.
	const bands = ".stage:not([hidden]) .band:is(.nmi, .ipi)"
	out := eval[[]string](tb, `[...document.querySelectorAll("`+bands+`")].flatMap(b => {
		const r = b.getBoundingClientRect();
		const inside = [...b.parentElement.querySelectorAll(".box.step, .box.nmi, .box.ipi")]
			.map(x => x.getBoundingClientRect())
			.filter(x => x.top >= r.top - 1 && x.bottom <= r.bottom + 1 && x.left < r.right && x.right > r.left);
		const bad = inside.filter(x => x.left < r.left || x.right > r.right).length;
		if (inside.length === 0) return ["an empty band " + b.title];
		return bad ? [bad + " boxes stick out of " + b.title] : [];
	})`)
	if len(out) > 0 || eval[int](tb, `document.querySelectorAll(".band.nmi").length`) == 0 {
		t.Errorf("bands: %v", out)
	}
	tb.press(end)
	if n := eval[int](tb, `document.querySelectorAll("svg path.reads-arrow").length`); n == 0 {
		t.Error("no arrow leads from a write to a read")
	}
}

// Under x86-TSO the page has the stores that wait, their way to memory, and the buffers in the panel.
func TestStoreBuffersOnThePage(t *testing.T) {
	tb := open(t, page(t, 1, "-model", "luto", "--memory", "sc,tso", "--props", "no-needless-ipi"), 1500, 1000)
	tb.js(`location.hash = "#tso/no-needless-ipi/0"`)
	tb.until(`document.querySelector(".box[aria-current][id='tso/no-needless-ipi/0']")`)
	buffer := valueJS + `("store buffer, oldest first")`
	var met []string
	last := eval[int](tb, `document.querySelectorAll("[id^='tso/no-needless-ipi/']").length`) - 1
	for range last {
		tb.press("j")
		values := eval[[]string](tb, `[...document.querySelectorAll(".stage:last-of-type .panel tr, .panel tr")]
			.filter(r => r.cells[0].innerText.startsWith("store buffer"))
			.map(r => r.querySelector(".value").innerText)`)
		met = append(met, values...)
	}
	tb.shot("luto-tso")
	if !slices.Contains(met, "ct = USER") {
		t.Errorf("the buffers are %v, %s", met, eval[string](tb, buffer))
	}
	if n := eval[int](tb, `document.querySelectorAll(".band.store").length`); n == 0 {
		t.Error("no store waits on the page")
	}
	if text := eval[string](tb, `document.body.innerText`); !strings.Contains(text,
		"no-needless-ipi: holds under sc, violated under tso") {
		t.Error("the page does not say what the memory model decides")
	}
}

// contrastJS is the text whose contrast to what is behind it is below 4.5 (WCAG 2.2, 1.4.3), or 3 if it is large.
const contrastJS = `(() => {
	const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
	const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
	const lum = c => { const [r, g, b] = c.slice(0, 3).map(v => v / 255)
		.map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const behind = e => { let c = [0, 0, 0, 0]; const all = [];
		for (let x = e; x; x = x.parentElement) all.push(parse(getComputedStyle(x).backgroundColor));
		let base = all.pop() || [255, 255, 255, 1]; if (base[3] < 1) base = over(base, [255, 255, 255, 1]);
		while (all.length) base = over(all.pop(), base); return base; };
	const bad = new Set();
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let n = walk.nextNode(); n; n = walk.nextNode()) {
		const e = n.parentElement;
		if (!n.textContent.trim() || !e.checkVisibility() || e.closest("script, .sr, noscript")) continue;
		const s = getComputedStyle(e), back = behind(e), fore = over(parse(s.color), back);
		const [a, b] = [lum(fore), lum(back)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
		const size = parseFloat(s.fontSize), large = size >= 24 || size >= 18.66 && s.fontWeight >= 700;
		if (ratio < (large ? 3 : 4.5)) bad.add([e.tagName, e.className, ratio.toFixed(2), n.textContent.slice(0,
			30)].join(" "));
	}
	return [...bad];
})()`

// The page is readable in light and dark and on a phone: enough contrast, and nothing beyond its width.
func TestLightDarkAndPhone(t *testing.T) {
	address := page(t, 1, "-model", "valentin", "--nmi", "1")
	for _, row := range []struct {
		name          string
		width, height int64
		dark          bool
	}{
		{"light", 1400, 900, false}, {"dark", 1400, 900, true}, {"phone", 390, 844, false}, {"dark-phone", 390,
			844, true},
	} {
		tb := open(t, address, row.width, row.height)
		if row.dark {
			tb.dark()
		}
		tb.press("j", "j", "j", "j", "j", "j")
		tb.shot(row.name)
		inView := eval[bool](tb,
			`(() => { const b = document.querySelector(".box[aria-current]"), r = b.getBoundingClientRect();
			const p = document.querySelector(".panel").getBoundingClientRect();
			return b.contains(document.elementFromPoint(r.x + r.width / 2, r.top + 5)) && r.bottom <= innerHeight &&
				b.contains(document.elementFromPoint(r.x + r.width / 2, r.bottom - 5)) && p.top < innerHeight &&
					p.bottom > 0; })()`)
		if !inView {
			t.Errorf("%s: the step at the cursor and the panel are not both to be seen", row.name)
		}
		tb.js(`document.querySelectorAll("details").forEach(d => d.open = true)`)
		if bad := eval[[]string](tb, contrastJS); len(bad) > 0 {
			t.Errorf("%s: too little contrast: %s", row.name, strings.Join(bad, "; "))
		}
		if wide := eval[int](tb, `document.documentElement.scrollWidth`); int64(wide) > row.width {
			t.Errorf("%s: the page is %d wide, the screen %d", row.name, wide, row.width)
		}
	}
}

// axNode is a node of the accessibility tree.
type axNode struct{ role, name string }

func axTree(tb *tab) (nodes []axNode) {
	tb.t.Helper()
	tree := run(tb, func(ctx context.Context, target *chromedp.Target) (accessibility.GetFullAXTreeResult, error) {
		if _, err := cdp.Call(ctx, target, accessibility.Enable, cdp.Empty{}); err != nil {
			return accessibility.GetFullAXTreeResult{}, err
		}
		return cdp.Call(ctx, target, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	})
	for _, n := range tree.Nodes {
		if n.Ignored || n.Role == nil {
			continue
		}
		x := axNode{role: axText(n.Role)}
		if n.Name != nil {
			x.name = axText(n.Name)
		}
		nodes = append(nodes, x)
	}
	return nodes
}

func axText(v *accessibility.Value) string {
	var s string
	_ = json.Unmarshal([]byte(v.Value), &s) // what is no text has none
	return s
}

// A screen reader finds names on what can be used, the steps as a list that says who takes them, and a status
// that says where the cursor is.
func TestScreenReader(t *testing.T) {
	tb := open(t, page(t, 1, "-model", "peterz"), 1200, 900)
	tb.press("j")
	count := map[string]int{}
	for _, n := range axTree(tb) {
		count[n.role]++
		switch n.role {
		case "button", "link", "checkbox", "toolbar", "region", "complementary":
			if n.name == "" {
				t.Errorf("a %s without a name", n.role)
			}
		}
	}
	for _, role := range []string{"list", "listitem", "status", "table", "rowheader", "button", "heading",
		"complementary"} {
		if count[role] == 0 {
			t.Errorf("there is no %s", role)
		}
	}
	items := tb.texts(".stage:not([hidden]) [role=listitem].box")
	who := regexp.MustCompile(`CPU(x|x2|y), frame \w+`)
	for i, text := range items[1:] {
		if !who.MatchString(text) {
			t.Errorf("step %d does not say who takes it: %s", i+1, text)
		}
	}
	if s := eval[string](tb, `document.querySelector("[role=status]").innerText`); !strings.HasPrefix(s,
		"step 1, CPUx: ") {
		t.Errorf("the status says %q", s)
	}
}
