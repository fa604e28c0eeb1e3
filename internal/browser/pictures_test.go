package browser

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
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
	tb := open(t, page(t, 1, "-model", "peterz")+"#sc/no-double-execution/17", 1500, 2260)
	tb.js(`scrollTo(0, 0)`)
	tb.until(`document.querySelectorAll("svg path.reads-arrow").length > 3`)
	tb.picture("page.png")
}
