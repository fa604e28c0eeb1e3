package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ctcheck/browse"
	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/trace"
)

// filesToServe is enough for a listener, a few browsers, and what Go's runtime opens for them: a server that can
// open none for a caller waits for ever.
const filesToServe = 8

// An exploring is what the flags of explore say.
type exploring struct {
	own       Own
	model     string
	config    models.Config
	props     string
	memory    string
	addr      string
	start     string // the run to begin with
	timeout   time.Duration
	maxMemory string
}

func newExplore(own Own) *cobra.Command {
	e := exploring{own: own, config: models.DefaultConfig()}
	cmd := &cobra.Command{
		Use:   "explore -model NAME [flags]",
		Short: "Walk through a design step by step, in a browser",
		Long: "explore serves pages to a browser on this machine: the state, the steps that each CPU may take\n" +
			"next (interrupts, NMIs and store buffers included), the way back, the shortest way to an event, a\n" +
			"statement or a violation, and counterexamples. The run is in the address of its page. Ctrl-C ends it.",
		Example: "  ctcheck explore -model peterz\n" +
			"  ctcheck explore -model luto --memory tso --addr 127.0.0.1:8080",
		Args: noWords("a model is named with -model"),
		RunE: func(cmd *cobra.Command, _ []string) error { return e.run(cmd) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	own.modelFlag(cmd, &e.model, "the design to walk through")
	configFlags(cmd, &e.config)
	propsFlag(cmd, &e.props, "watch")
	f.StringVar(&e.memory, "memory", "sc", "memory model: "+memoryList())
	runFlag(cmd, &e.start)
	f.StringVar(&e.addr, "addr", "127.0.0.1:0", "where to serve, a `HOST:PORT` of this machine's loopback; port 0 "+
		"is any that is free")
	f.DurationVar(&e.timeout, "timeout", 20*time.Second, "`TIME` that one search may take")
	f.StringVar(&e.maxMemory, "max-memory", "1GiB", "`SIZE` that one search may take")
	completeFlag(cmd, "memory", model.MemoryModelNames()...)
	return cmd
}

func (e *exploring) run(cmd *cobra.Command) error {
	ex, err := e.explorer(cmd)
	if err != nil {
		return err
	}
	path, _, err := trace.ParseAddress(e.start, browse.MostSteps)
	if err != nil {
		return fmt.Errorf("--run: %w", err)
	}
	if err := ex.Walkable(path); err != nil {
		return fmt.Errorf("--run: %w", err)
	}
	if err := loopback(e.addr); err != nil {
		return err
	}
	if err := spareFiles(filesToServe); err != nil {
		return err
	}
	l, err := net.Listen("tcp", e.addr)
	if err != nil {
		return fmt.Errorf("--addr %s: %w; choose another port, or 0 for any that is free", e.addr, err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	h, err := ex.Handler(hosts(l.Addr().String(), port)...)
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "ctcheck: %s at http://%s%s (Ctrl-C ends it)\n", e.model, l.Addr(),
		ex.Address(path))
	return serve(cmd.Context(), l, h)
}

// explorer is what there is to walk through.
func (e *exploring) explorer(cmd *cobra.Command) (*browse.Explorer, error) {
	f := cmd.Flags()
	s, err := e.own.subjectOf(cmd, e.model, e.config, e.props)
	if err != nil {
		return nil, err
	}
	mm, ok := model.ParseMemoryModel(e.memory)
	if !ok {
		return nil, unknown("memory model", e.memory, model.MemoryModelNames())
	}
	if err := positive(f, e.timeout); err != nil {
		return nil, err
	}
	bytes, err := memorySize(f, e.maxMemory)
	if err != nil {
		return nil, err
	}
	if err := s.settle(cmd, explore.Options{Memory: mm, MaxBytes: bytes}); err != nil {
		return nil, err
	}
	return &browse.Explorer{Model: s.name, Summary: s.summary, Command: e.command(f), Program: s.program,
		Monitors: s.monitors, Memory: mm, Timeout: e.timeout, MaxBytes: bytes}, nil
}

// command is the call that makes the same explorer.
func (e *exploring) command(f *pflag.FlagSet) string {
	call := again("explore", f)
	if f.Changed("memory") {
		call += " --memory " + e.memory
	}
	return call
}

// loopback refuses addresses that others can reach.
func loopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("--addr is %q; it must be a host and a port, as 127.0.0.1:8080", addr)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("--addr is %q, which others may reach; the explorer has no users and no encryption, "+
			"so it serves 127.0.0.1, [::1] or localhost only", addr)
	}
	return nil
}

// hosts is the names under which a browser on this machine may ask.
func hosts(addr string, port int) []string {
	return []string{addr, fmt.Sprintf("127.0.0.1:%d", port), fmt.Sprintf("localhost:%d", port),
		fmt.Sprintf("[::1]:%d", port)}
}

// serve answers until ctx ends.
func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	// Searches end with ctx, so that nobody waits for them after Ctrl-C.
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx }}
	done := context.AfterFunc(ctx, func() {
		end, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if srv.Shutdown(end) != nil {
			srv.Close()
		}
	})
	defer done()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("the explorer could not go on: %w", err)
	}
	return nil
}
