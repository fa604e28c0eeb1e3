// Package command is the whole ctcheck command, for the published designs and for protocols of one's own. A main
// that adds some is one line:
//
//	func main() { command.Main(command.Own{Protocols: []command.Protocol{ticketLock}}) }
//
// and has every flag, format and subcommand, with the exit statuses of ctcheck: 0 every property holds, 1 a
// property is violated, 2 a bad call, 3 a bound cut the search, 4 something that must be reachable is not. The
// matrix, weaken and the page of findings are surveys: they end with 0 if they are complete, also where designs
// fail. So is the litmus command, which ends with 1 where something is not as a table expects it.
package command

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

// Main is the main function of a program that is ctcheck: it reads the arguments of the process, and ends it.
func Main(own Own) {
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
	os.Exit(Run(ctx, own, os.Args[1:], os.Stdout, os.Stderr))
}

// Run is the command with the given arguments, for a test. Its result is the exit status; what went wrong is a line
// on stderr. It reads C files named - from standard input. When ctx ends, searches end with what is known so far.
func Run(ctx context.Context, own Own, args []string, stdout, stderr io.Writer) int {
	if err := own.valid(); err != nil {
		complain(stderr, err)
		return exitBadCall
	}
	status := exitHolds
	root := newRoot(own, &status)
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

// Write returns the errors of the writer.
func (w *watchedWriter) Write(b []byte) (int, error) {
	n, err := w.w.Write(b)
	if err != nil {
		w.err = err
	}
	return n, err
}

func newRoot(own Own, status *int) *cobra.Command {
	root := newCheck(own, status)
	root.AddCommand(newList(own), newMatrix(own, status), newWeaken(own, status), newLitmus(status),
		newFindings(own, status), newExplore(own), newReplay(own, status), newShow(own), newSimulate(own, status),
		newDiff(own, status),
		newInit(), newCHeader(), newCHelp(), newVersion())
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
