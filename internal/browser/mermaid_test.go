package browser

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ctcheck/report"
)

// openMermaid is a page in which draw(source) draws.
func openMermaid(t *testing.T, security string) *tab {
	lib := os.Getenv("CTCHECK_MERMAID")
	if lib == "" {
		missing(t, "CTCHECK_MERMAID does not name Mermaid's mermaid.min.js, which")
	}
	source, err := os.ReadFile(lib)
	if err != nil {
		t.Fatalf("CTCHECK_MERMAID: %v", err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"mermaid.js": string(source), "page.html": `<!doctype html>
<meta charset=utf-8><title>Mermaid</title><link rel=icon href="data:,"><div id=out></div>
<script src="mermaid.js"></script><script>
mermaid.initialize({startOnLoad: false, securityLevel: ` + quoted(security) + `});
async function draw(source) {
	await mermaid.parse(source);
	document.getElementById("out").innerHTML = (await mermaid.render("drawn", source)).svg;
	return true;
}
</script>`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return open(t, "file://"+filepath.Join(dir, "page.html"), 1000, 800)
}

// quoted is text as JavaScript has it.
func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // text can always be written
	}
	return string(b)
}

// shown is the text of the diagram in the page, a line an element.
func shown(tb *tab) []string { return tb.texts("#out text") }

var (
	mermaidLine   = regexp.MustCompile(`^ *(?:participant \w+ as |Note [^:]*: |\w+-\)\w+: )(.*)$`)
	mermaidEntity = regexp.MustCompile(`#(\d+);`)
)

// mermaidLines is the lines of text that a source asks Mermaid to show.
func mermaidLines(source string) []string {
	var all []string
	for line := range strings.SplitSeq(source, "\n") {
		if m := mermaidLine.FindStringSubmatch(line); m != nil {
			for text := range strings.SplitSeq(m[1], "<br/>") {
				all = append(all, mermaidEntity.ReplaceAllStringFunc(text, func(e string) string {
					n, _ := strconv.Atoi(e[1 : len(e)-1])
					return string(rune(n))
				}))
			}
		}
	}
	return all
}

// Mermaid draws every kind of report, with all its parts and every word.
func TestMermaid(t *testing.T) {
	for _, d := range drawings {
		t.Run(d.name, func(t *testing.T) {
			tb := openMermaid(t, "strict")
			source := d.run(t, "mmd")
			tb.await("draw(" + quoted(source) + ")")
			for selector, want := range map[string]int{
				"#out rect.actor-top":                    max(d.cpus, 1),
				"#out rect.note":                         d.steps - d.messages + d.across,
				"#out text.messageText":                  d.messages,
				"#out .messageLine0, #out .messageLine1": d.messages,
				"#out .loopLine":                         4 * d.loops,
			} {
				if got := tb.count(selector); got != want {
					t.Errorf("%s: %d of %s, want %d", d.why, got, selector, want)
				}
			}
			texts, known := shown(tb), mermaidLines(source)
			showsAll(t, texts, d.statements(t))
			showsAll(t, texts, known)
			known = append(known, "loop", "[for ever]")
			showsAll(t, known, texts) // and nothing but that
			if !strings.Contains(strings.Join(texts, "\n"), d.statement) {
				t.Errorf("%s: no %q", d.why, d.statement)
			}
			tb.shot("mermaid-" + d.name)
		})
	}
}

// Whatever is in a label, Mermaid shows it, and runs nothing of it.
func TestMermaidHostileLabels(t *testing.T) {
	for _, security := range []string{"strict", "loose"} {
		t.Run(security, func(t *testing.T) {
			tb := openMermaid(t, security)
			for name, label := range hostile {
				t.Log(name)
				tb.await("draw(" + quoted(hostileText(t, label, report.Mermaid)) + ")")
				showsAll(t, shown(tb), []string{visible("cpu " + label), visible("routine " + label + "():"),
					visible("1. statement " + label), visible("v " + label + ": false -> true")})
				if eval[bool](tb, "'pwned' in window") {
					t.Errorf("%s: a script in a label ran", name)
				}
				if n := tb.count("#out script, #out img, #out a, #out foreignObject, #out b"); n > 0 {
					t.Errorf("%s: %d elements come from labels", name, n)
				}
			}
		})
	}
}
