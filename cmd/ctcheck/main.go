// Command ctcheck decides what can go wrong in the published designs of deferred IPI work: it visits
// every interleaving of the CPUs, IPIs and NMIs of a configuration and prints, for each property that
// fails, a shortest run that shows it.
//
//	ctcheck -model valentin --nmi 1
//	ctcheck list
//	ctcheck matrix
//	ctcheck weaken -model valentin
//	ctcheck litmus tests/SB.litmus
//	ctcheck -model ct_work.c --setters 2 --nmi 1
//	ctcheck c-header include
//	ctcheck explore -model peterz
//	ctcheck findings > docs/findings.md
//	ctcheck version
//	ctcheck completion bash
//
// Exit status: 0 every property holds, 1 a property is violated, 2 a bad call, 3 a bound cut the
// search, 4 something that must be reachable is not. The matrix, weaken and the page of findings are
// surveys: they end with 0 if they are complete, also where designs fail. So is the litmus command, which ends
// with 1 where something is not as a table expects it.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"ctcheck/verdict"
)

// The exit statuses.
const (
	exitHolds = iota
	exitViolated
	exitBadCall
	exitIncomplete
	exitUnreached
)

func main() {
	if err := ready(); err != nil {
		fmt.Fprintf(os.Stderr, "ctcheck: %v\n", err)
		os.Exit(exitBadCall)
	}
	if lost(os.Stdout) {
		fmt.Fprintf(os.Stderr, "ctcheck: nothing of the output can be read: standard output is closed, or %s "+
			"opened for reading too, which looks the same; the exit status is right\n", os.DevNull)
	}
	// A reader that goes away (| head) is an error of writing, not a silent death.
	signal.Ignore(syscall.SIGPIPE)
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as it is under nohup, which is to outlive the terminal
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	// The first Ctrl-C ends the search in order, the second ends the program.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole command: its result is the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	status := exitHolds
	root := newRoot(&status)
	out := &watchedWriter{w: stdout}
	root.SetOut(out)
	if completesShort(args) {
		root.SetOut(shortDashes{out})
	}
	root.SetErr(stderr)
	layOutHelp(root, out)
	strictCommands(root)
	watchRepeats(root)
	root.SetArgs(longFlags(root, args))
	if err := root.ExecuteContext(ctx); err != nil {
		complain(stderr, err)
		return exitBadCall
	}
	if out.err != nil {
		fmt.Fprintf(stderr, "ctcheck: the output could not be written: %v\n", out.err)
		return exitBadCall
	}
	return status
}

// A watchedWriter remembers that something could not be written, since help texts are written by code
// that does not look.
type watchedWriter struct {
	w   io.Writer
	err error
}

func (w *watchedWriter) Write(b []byte) (int, error) {
	n, err := w.w.Write(b)
	if err != nil {
		w.err = err
	}
	return n, err
}

func newRoot(status *int) *cobra.Command {
	root := newCheck(status)
	root.AddCommand(newList(), newMatrix(status), newWeaken(status), newLitmus(status), newFindings(status),
		newExplore(), newCHeader(), newCHelp(), newVersion())
	root.SilenceErrors, root.SilenceUsage = true, true
	return root
}

func exitStatus(v verdict.Verdict) int {
	switch v {
	case verdict.Violated:
		return exitViolated
	case verdict.Incomplete:
		return exitIncomplete
	case verdict.Unreached:
		return exitUnreached
	}
	return exitHolds
}
