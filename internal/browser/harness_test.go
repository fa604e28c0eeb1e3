package browser

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var (
	shots  = flag.String("shots", "", "write screenshots into this `FOLDER`")
	update = flag.Bool("update", false, "rewrite the pictures in docs")
)

var (
	binary  string          // the command, built once
	browser context.Context // of all tabs; nil without chromium
)

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "ctcheck-browser-")
		if err != nil {
			log.Print(err)
			return 1
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "ctcheck")
		build := exec.Command("go", "build", "-o", binary, "./cmd/ctcheck")
		build.Dir = "../.."
		if out, err := build.CombinedOutput(); err != nil {
			log.Printf("%v\n%s", err, out)
			return 1
		}
		if path := chromium(); path != "" {
			options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
				chromedp.DisableGPU, chromedp.Flag("disable-quic", true),
				chromedp.Flag("disable-component-update", true),
				chromedp.Flag("disable-sync", true), chromedp.UserDataDir(filepath.Join(dir, "profile")))
			alloc, cancel := chromedp.NewExecAllocator(context.Background(), options...)
			defer cancel()
			ctx, end := chromedp.NewContext(alloc)
			defer end()
			if err := chromedp.Do(ctx); err != nil {
				log.Printf("%s does not start: %v", path, err)
				return 1
			}
			browser = ctx
		}
		return m.Run()
	}())
}

// chromium is the path of the browser; empty if there is none.
func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// missing skips the test, or fails it where everything has to be there.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CTCHECK_BROWSER") == "required" {
		t.Fatalf("%s is missing, and CTCHECK_BROWSER=required", what)
	}
	t.Skipf("%s is missing", what)
}

// ctcheck runs the command, which must end with the given status, and returns what it prints.
func ctcheck(t *testing.T, status int, args ...string) string {
	t.Helper()
	cmd := exec.Command(binary, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if e := (&exec.ExitError{}); err != nil && !errors.As(err, &e) {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != status {
		t.Fatalf("ctcheck %s: status %d, want %d\n%s", strings.Join(args, " "), got, status, errs.String())
	}
	return out.String()
}

// verdict runs the command, which must come to a verdict, and returns what it prints.
func verdict(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command(binary, args...).Output()
	if e := (&exec.ExitError{}); err != nil && (!errors.As(err, &e) || e.ExitCode() != 1) {
		t.Fatalf("ctcheck %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}

// A tab is a page in the browser. What goes wrong on it (errors of scripts, requests to others) fails the test
// when it ends.
type tab struct {
	t        *testing.T
	ctx      context.Context
	watchers sync.WaitGroup
	mu       sync.Mutex
	wrong    []string
	server   string // the one that may be asked
}

// open opens an address in a new tab, which has so many pixels.
func open(t *testing.T, address string, width, height int64) *tab {
	t.Helper()
	if browser == nil {
		missing(t, "chromium")
	}
	ctx, cancel := chromedp.NewContext(browser)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	within, stop := context.WithTimeout(ctx, time.Minute)
	tb := &tab{t: t, ctx: within}
	if u, err := url.Parse(address); err == nil {
		tb.server = u.Host
	}
	tb.watch()
	t.Cleanup(func() {
		stop()
		tb.watchers.Wait()
		cancel()
		for _, w := range tb.wrong {
			t.Error(w)
		}
	})
	tb.do(chromedp.EmulateViewport(width, height), chromedp.Navigate(address))
	return tb
}

// watch notes what goes wrong, until the tab's time is over.
func (tb *tab) watch() {
	tb.t.Helper()
	run(tb, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		if _, err := cdp.Call(ctx, target, runtime.Enable, cdp.Empty{}); err != nil {
			return err
		}
		listen(tb, target, runtime.ExceptionThrown, func(ev runtime.EventExceptionThrown) string {
			return fmt.Sprintf("exception: %+v", ev.ExceptionDetails)
		})
		listen(tb, target, runtime.ConsoleAPICalled, func(ev runtime.EventConsoleAPICalled) string {
			if ev.Type != runtime.ConsoleAPICalledTypeError && ev.Type != runtime.ConsoleAPICalledTypeWarning {
				return ""
			}
			return fmt.Sprintf("console: %+v", ev)
		})
		listen(tb, target, network.RequestWillBeSent, func(ev network.EventRequestWillBeSent) string {
			u, err := url.Parse(ev.Request.URL)
			if err == nil && (u.Scheme == "file" || u.Scheme == "data" || u.Host == tb.server) {
				return ""
			}
			return "a request for " + ev.Request.URL
		})
		return nil
	}))
}

// listen notes what is to be said of events, unless that is empty.
func listen[E any](tb *tab, s cdp.Session, event cdp.Event[E], what func(E) string) {
	events := cdp.Events(tb.ctx, s, event)
	tb.watchers.Go(func() {
		for ev, err := range events {
			if err != nil {
				return // the tab's time is over
			}
			if text := what(ev); text != "" {
				tb.mu.Lock()
				tb.wrong = append(tb.wrong, text)
				tb.mu.Unlock()
			}
		}
	})
}

// do runs actions.
func (tb *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	tb.t.Helper()
	if err := chromedp.Do(tb.ctx, actions...); err != nil {
		tb.t.Fatal(err)
	}
}

// run runs an action that has a result.
func run[T any](tb *tab, a chromedp.Action[T]) T {
	tb.t.Helper()
	v, err := chromedp.Run(tb.ctx, a)
	if err != nil {
		tb.t.Fatal(err)
	}
	return v
}

// eval is the value of a JavaScript expression.
func eval[T any](tb *tab, js string) T {
	tb.t.Helper()
	return run(tb, chromedp.Evaluate[T](js))
}

// await waits for what a JavaScript expression promises, which must not be broken.
func (tb *tab) await(js string) {
	tb.t.Helper()
	run(tb, chromedp.Evaluate[bool](js, chromedp.EvalAwaitPromise))
}

// texts is the text of all elements that a selector finds.
func (tb *tab) texts(selector string) []string {
	tb.t.Helper()
	return eval[[]string](tb, fmt.Sprintf(`[...document.querySelectorAll(%q)].map(e => e.textContent)`, selector))
}

// count is how many there are.
func (tb *tab) count(selector string) int {
	tb.t.Helper()
	return eval[int](tb, fmt.Sprintf(`document.querySelectorAll(%q).length`, selector))
}

// js runs JavaScript for what it does.
func (tb *tab) js(js string) {
	tb.t.Helper()
	tb.do(chromedp.Evaluate[chromedp.Void](js))
}

// press presses keys, one after the other.
func (tb *tab) press(keys ...string) {
	tb.t.Helper()
	for _, k := range keys {
		tb.do(chromedp.KeyEvent(k))
	}
}

// click clicks on the first element that a selector finds.
func (tb *tab) click(selector string) {
	tb.t.Helper()
	tb.do(chromedp.Click(selector))
}

// until waits for a JavaScript expression to be true. It may be wrong on the way, as between two pages.
func (tb *tab) until(js string) {
	tb.t.Helper()
	for begin := time.Now(); time.Since(begin) < 20*time.Second; time.Sleep(10 * time.Millisecond) {
		if ok, err := chromedp.Run(tb.ctx, chromedp.Evaluate[bool]("!!("+js+")")); err == nil && ok {
			return
		}
	}
	tb.t.Fatalf("waited in vain for %s\n%s", js, eval[string](tb, "document.body.innerText"))
}

// dark lets the page believe that its reader likes it dark.
func (tb *tab) dark() {
	tb.t.Helper()
	run(tb, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
		return err
	}))
}

// shot writes a screenshot of what is seen, if those are wanted.
func (tb *tab) shot(name string) {
	tb.t.Helper()
	if *shots == "" {
		return
	}
	png := run(tb, chromedp.CaptureScreenshot())
	if err := os.WriteFile(filepath.Join(*shots, name+".png"), png, 0o644); err != nil {
		tb.t.Fatal(err)
	}
}

// page is the address of the HTML report of a call, which must end with the given status.
func page(t *testing.T, status int, args ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.html")
	ctcheck(t, status, append(args, "--out", file)...)
	return "file://" + file
}

// The keys that tests press by name.
const (
	down, up, home, end = kb.ArrowDown, kb.ArrowUp, kb.Home, kb.End
)
