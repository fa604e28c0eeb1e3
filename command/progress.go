package command

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	humanize "github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"ctcheck/explore"
	"ctcheck/survey"
)

// This file shows where a search stands while it runs: on a terminal a line that changes, else a line every ten
// seconds. The line is cut to the terminal's width at every time, for a line that the terminal broke could not be
// cleared; no bar of a library does that, or knows figures of which nobody knows the end.

var progressModes = []string{"auto", "plain", "none"}

// How often a line is written, and how long nothing is, so that short searches stay quiet.
const (
	plainEvery  = 10 * time.Second
	drawnEvery  = 200 * time.Millisecond
	quietAtMost = 500 * time.Millisecond
)

func progressFlag(cmd *cobra.Command, mode *string) {
	cmd.Flags().StringVar(mode, "progress", "auto",
		"where a search stands, on standard error: auto (a line that changes on a "+
			"terminal, else as plain), plain (a line every ten seconds) or none")
	completeFlag(cmd, "progress", progressModes...)
}

func knownProgress(mode string) error {
	if slices.Contains(progressModes, mode) {
		return nil
	}
	return fmt.Errorf("--progress is %q; it can be %s", mode, orList(progressModes))
}

// A meter shows one search.
type meter struct {
	w        io.Writer
	width    func() int // of the terminal; nil: plain lines
	p        *explore.Progress
	o        explore.Options
	timeout  time.Duration
	begin    time.Time
	last     explore.Status // and when it was, for the speed
	lastTime time.Time
	shown    int // columns of the line that is on the terminal
	quit     chan struct{}
	gone     chan struct{}
}

// startMeter shows the progress of a search until stop is called, after which nothing is left of it on a terminal.
// With mode none it does nothing.
func startMeter(cmd *cobra.Command, mode string, o explore.Options, timeout time.Duration) (p *explore.Progress,
	stop func()) {
	if mode == "none" {
		return nil, func() {}
	}
	m := &meter{w: cmd.ErrOrStderr(), p: &explore.Progress{}, o: o, timeout: timeout, begin: time.Now(),
		quit: make(chan struct{}), gone: make(chan struct{})}
	m.lastTime = m.begin
	every := plainEvery
	if t := terminalOf(m.w); t != nil && mode == "auto" {
		m.width, every = t.width, drawnEvery
	}
	go m.run(every)
	return m.p, sync.OnceFunc(func() {
		close(m.quit)
		<-m.gone
	})
}

// watched is a context in which a survey is shown.
func watched(cmd *cobra.Command, mode string) (context.Context, func()) {
	p, stop := startMeter(cmd, mode, explore.Options{}, 0)
	return survey.Watched(cmd.Context(), p), stop
}

func (m *meter) run(every time.Duration) {
	defer close(m.gone)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-m.quit:
			m.clear()
			return
		case now := <-tick.C:
			m.show(now)
		}
	}
}

// show writes a line.
func (m *meter) show(now time.Time) {
	s := m.p.Status()
	if m.width != nil && now.Sub(m.begin) < quietAtMost || s.Phase == "" {
		return
	}
	parts := m.parts(s, now)
	m.last, m.lastTime = s, now
	if m.width == nil {
		fmt.Fprintf(m.w, "ctcheck: %s\n", joined(parts))
		return
	}
	line := fitted(parts, m.width()-1)
	pad := max(m.shown-utf8.RuneCountInString(line), 0)
	m.shown = utf8.RuneCountInString(line)
	fmt.Fprintf(m.w, "\r%s%s", line, strings.Repeat(" ", min(pad, max(m.width()-1-m.shown, 0))))
}

// clear takes the line off the terminal.
func (m *meter) clear() {
	if m.shown > 0 {
		fmt.Fprintf(m.w, "\r%s\r", strings.Repeat(" ", max(min(m.shown, m.width()-1), 0)))
		m.shown = 0
	}
}

// A part is a piece of the line; where there is little room, those with the greatest rank are left out first.
type part struct {
	text string
	rank int
}

// parts is what the line says.
func (m *meter) parts(s explore.Status, now time.Time) []part {
	var ps []part
	add := func(rank int, format string, args ...any) { ps = append(ps, part{fmt.Sprintf(format, args...), rank}) }
	add(0, "%s", s.Phase)
	if s.Of != "" {
		add(8, "of %s", s.Of)
	}
	switch {
	case s.Total > 0:
		add(1, "%s of %s (%d %%)", comma(s.Done), comma(s.Total), 100*s.Done/s.Total)
	case s.Done > 0:
		add(1, "%s looked at", comma(s.Done))
	case s.States > 0:
		add(1, "%s states", comma(s.States))
		if dt := now.Sub(m.lastTime).Seconds(); dt > 0 && s.Phases == m.last.Phases && s.States >= m.last.States {
			add(4, "%s/s", comma(uint64(float64(s.States-m.last.States)/dt)))
		}
		add(6, "frontier %s", comma(s.Frontier))
		add(7, "depth %d", s.Depth)
	}
	if limit := m.o.MaxBytes; s.Bytes > 0 && limit > 0 && limit < 1<<62 {
		add(5, "store %s, %d %% of %s", humanize.IBytes(s.Bytes), 100*s.Bytes/limit, humanize.IBytes(limit))
	} else if s.Bytes > 0 {
		add(5, "store %s", humanize.IBytes(s.Bytes))
	}
	spent := now.Sub(m.begin)
	add(2, "%s", spent.Round(time.Second))
	if limit := m.o.MaxStates; limit > 0 && s.States > 0 {
		add(3, "%d %% of --max-states", 100*s.States/limit)
	}
	if m.timeout > 0 {
		add(3, "%d %% of --timeout", 100*spent/m.timeout)
	}
	return ps
}

func comma(n uint64) string { return humanize.Comma(int64(n)) }

// joined is all parts as a line.
func joined(ps []part) string {
	var b strings.Builder
	for i, p := range ps {
		switch {
		case i == 0:
		case strings.HasPrefix(p.text, "of "):
			b.WriteString(" ")
		case i == 1 || i == 2 && strings.HasPrefix(ps[1].text, "of "):
			b.WriteString(": ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(p.text)
	}
	return b.String()
}

// fitted is as many parts as fit the width, and no more columns than that.
func fitted(ps []part, width int) string {
	kept := append([]part(nil), ps...)
	for {
		line := joined(kept)
		if utf8.RuneCountInString(line) <= width {
			return line
		}
		if len(kept) == 1 {
			return string([]rune(line)[:max(width, 0)])
		}
		worst := 0
		for i, p := range kept {
			if p.rank >= kept[worst].rank {
				worst = i
			}
		}
		kept = append(kept[:worst], kept[worst+1:]...)
	}
}
