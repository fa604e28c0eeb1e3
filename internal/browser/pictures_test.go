package browser

import (
	"bytes"
	"fmt"
	"html"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// picture compares a screenshot with that in docs, which -update rewrites: it must be there and as large. Pixels
// differ from one chromium to the next.
func (tb *tab) picture(name string) {
	tb.t.Helper()
	file := filepath.Join("..", "..", "docs", name)
	shot := run(tb, chromedp.CaptureScreenshot())
	if *update {
		if err := os.WriteFile(file, shot, 0o644); err != nil {
			tb.t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(file)
	if err != nil {
		tb.t.Fatalf("%v; make it with -update", err)
	}
	was, err := png.DecodeConfig(bytes.NewReader(kept))
	if err != nil {
		tb.t.Fatal(err)
	}
	is, err := png.DecodeConfig(bytes.NewReader(shot))
	if err != nil {
		tb.t.Fatal(err)
	}
	if was.Width != is.Width || was.Height != is.Height {
		tb.t.Errorf("%s is %dx%d, the screenshot %dx%d; look at it and make it anew with -update", name, was.Width,
			was.Height, is.Width, is.Height)
	}
}

// The picture of the page in the README.
func TestPictureOfThePage(t *testing.T) {
	tb := open(t, page(t, 1, "-model", "peterz")+"#sc/no-double-execution/17", 1500, 2180)
	tb.js(`scrollTo(0, 0)`)
	tb.until(`document.querySelectorAll("svg path.reads-arrow").length > 3`)
	tb.picture("page.png")
}

// sgr is what chooses a colour or a weight on a terminal (ECMA-48, 8.3.117).
var sgr = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// The colours of a terminal by their numbers, and bold.
var sgrStyle = map[string]string{"1": "font-weight:bold", "31": "color:#ff6b68", "32": "color:#7ec87e",
	"33": "color:#d9b25c", "34": "color:#7aa6f0", "35": "color:#d58ae0", "36": "color:#4fc3d0"}

// screen is coloured text as a page.
func screen(t *testing.T, text string) string {
	t.Helper()
	var page strings.Builder
	page.WriteString(`<!DOCTYPE html><meta charset="utf-8"><body style="margin:0;background:#1b1d21">` +
		`<pre style="margin:16px;font:15px/20px monospace;color:#d6d8dc;white-space:pre;display:inline-block">`)
	open, rest := false, text
	for {
		at := sgr.FindStringSubmatchIndex(rest)
		if at == nil {
			break
		}
		page.WriteString(html.EscapeString(rest[:at[0]]))
		codes := strings.Split(rest[at[2]:at[3]], ";")
		rest = rest[at[1]:]
		if open {
			page.WriteString("</span>")
		}
		if open = sgrStyle[codes[0]] != ""; !open {
			continue
		}
		var style []string
		for _, c := range codes {
			if sgrStyle[c] == "" {
				t.Fatalf("no style for code %s", c)
			}
			style = append(style, sgrStyle[c])
		}
		fmt.Fprintf(&page, "<span style=%q>", strings.Join(style, ";"))
	}
	page.WriteString(html.EscapeString(rest) + "</pre>")
	return page.String()
}

// The picture of the trace on a terminal in the README.
func TestPictureOfTheTerminal(t *testing.T) {
	text := ctcheck(t, 1, "-model", "valentin", "--setters", "1", "--works", "1", "--nmi", "1", "--props",
		"no-double-execution", "--color", "always")
	at := strings.Index(text, "\nno-double-execution: ")
	if at < 0 || !strings.Contains(text, "\x1b[") {
		t.Fatalf("no trace, or no colours:\n%s", text)
	}
	end := strings.Index(text, "\n   ctcheck replay ") // what draws it again follows the trace
	if end < at {
		t.Fatalf("nothing follows the trace:\n%s", text)
	}
	text = strings.TrimSpace(text[at:end])
	file := filepath.Join(t.TempDir(), "terminal.html")
	if err := os.WriteFile(file, []byte(screen(t, text)), 0o600); err != nil {
		t.Fatal(err)
	}
	height := int64(2*16 + 20*(strings.Count(text, "\n")+1))
	tb := open(t, "file://"+file, 760, height)
	if got, want := tb.texts("pre")[0], sgr.ReplaceAllString(text, ""); got != want {
		t.Errorf("the screen shows\n%s\nwant\n%s", got, want)
	}
	tb.picture("terminal.png")
}
