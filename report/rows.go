package report

import (
	"fmt"
	"slices"
	"strings"

	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/trace"
)

// This file writes the states of a trace as a table: a row for each variable, local, buffer and stack, in
// groups, and of each state only the cells that differ from the state before.

// A rowKey names a row.
type rowKey struct {
	Group string `json:"g"`
	Name  string `json:"n"`
	Rank  int    `json:"k"` // its place in the group
}

// The places of rows in the group of a CPU.
const (
	rankFrames = iota
	rankCalls
	rankNext
	rankLocals
	rankBuffer
	rankIPIs
	rankNMIs
	rankFlag
	rankDevices
)

// A cell is a value of a row. Where it is gone, such as that of a local after its call, Text is empty.
type cell struct {
	Row  int    `json:"r"`
	Text string `json:"t"`
	Raw  string `json:"n,omitempty"` // the value as a number, where Text has names of bits
}

// A table is rows that are found as states are written into it.
type table struct {
	rows  []rowKey
	index map[rowKey]int
	now   map[int]cell // what the last state has
}

func newTable() *table { return &table{index: map[rowKey]int{}, now: map[int]cell{}} }

// write is the cells in which a state differs from the one written before.
func (tb *table) write(t *trace.Trace, s ir.Snapshot) []cell {
	next := map[int]cell{}
	put := func(k rowKey, text, raw string) {
		i, ok := tb.index[k]
		if !ok {
			i = len(tb.rows)
			tb.rows, tb.index[k] = append(tb.rows, k), i
		}
		if raw == text {
			raw = ""
		}
		next[i] = cell{i, text, raw}
	}
	for _, b := range s.Globals {
		put(rowKey{groupOf(b.Var), b.Var.Name, 0}, b.Var.Format(b.Value), fmt.Sprint(b.Value))
	}
	for _, c := range s.CPUs {
		cpuRows(c, t.Memory, put)
	}
	var diff []cell
	for i := range tb.rows {
		before, had := tb.now[i]
		after, has := next[i]
		switch {
		case has && (!had || before != after):
			diff = append(diff, after)
		case had && !has:
			diff = append(diff, cell{Row: i})
		}
	}
	tb.now = next
	return diff
}

func groupOf(v *model.Var) string {
	if v.Kind == model.Ghost {
		return "ghosts"
	}
	return "shared variables"
}

// cpuRows writes what a state says of a CPU.
func cpuRows(c ir.CPUState, mm model.MemoryModel, put func(k rowKey, text, raw string)) {
	row := func(name string, rank int) rowKey { return rowKey{c.CPU.Name, name, rank} }
	var frames, calls []string
	next, irqs, nmis := "has ended", 0, 0
	for depth, lv := range c.Levels {
		of := ""
		switch lv.Context {
		case model.InIRQ:
			if of = " of the IPI"; irqs > 0 {
				of = fmt.Sprintf(" of the interrupt on it, %d", irqs)
			}
			irqs++
		case model.InNMI:
			nmis++
			of = fmt.Sprintf(" of NMI %d", nmis)
		}
		frames = append(frames, lv.Frame.String())
		for _, call := range lv.Calls {
			calls = append(calls, call.Routine.Name)
			for _, b := range call.Locals {
				put(row(b.Var.Name+", in "+call.Routine.Name+of, rankLocals), b.Var.Format(b.Value),
					fmt.Sprint(b.Value))
			}
		}
		if depth == len(c.Levels)-1 {
			next = nextText(lv)
		}
	}
	put(row("frames", rankFrames), strings.Join(frames, " > "), "")
	put(row("calls", rankCalls), strings.Join(calls, " > "), "")
	put(row("next", rankNext), next, "")
	if mm.HasBuffers() {
		var stores []string
		for _, b := range c.Buffer {
			stores = append(stores, fmt.Sprintf("%s = %s", b.Var.Name, b.Var.Format(b.Value)))
		}
		if len(stores) == 0 {
			stores = []string{"empty"}
		}
		put(row("store buffer, oldest first", rankBuffer), strings.Join(stores, "; "), "")
	}
	interruptRows(c, row, put)
}

// interruptRows writes what may interrupt a CPU.
func interruptRows(c ir.CPUState, row func(name string, rank int) rowKey, put func(k rowKey, text, raw string)) {
	device := func(l *model.IPI) bool { return l.Device }
	if slices.ContainsFunc(c.CPU.IPIs, func(l *model.IPI) bool { return !device(l) }) {
		var pending []string
		for _, ipi := range c.Pending {
			pending = append(pending, ipi.Name)
		}
		if len(pending) == 0 {
			pending = []string{"none"}
		}
		put(row("pending IPIs", rankIPIs), strings.Join(pending, ", "), "")
	}
	if c.CPU.NMITotal > 0 {
		put(row("NMIs that may still come", rankNMIs), fmt.Sprint(c.NMIsLeft), "")
	}
	if c.Masks {
		taken := "taken"
		if c.Levels[len(c.Levels)-1].IRQsOff {
			taken = "off"
		}
		put(row("interrupts", rankFlag), taken, "")
	}
	for i, l := range c.CPU.IPIs {
		if l.Device {
			put(row(l.Name+" that may still come", rankDevices), fmt.Sprint(c.IRQsLeft[i]), "")
		}
	}
}

// nextText is what a level does next.
func nextText(lv ir.LevelState) string {
	switch {
	case lv.Next != nil && lv.Next.Kind == model.StmtChoose:
		var ways []string
		for _, a := range lv.Next.Alts {
			if len(a.Body) > 0 && a.Body[0].Label != "" {
				ways = append(ways, a.Body[0].Label)
			}
		}
		return "either " + strings.Join(ways, " or ")
	case lv.Next != nil && lv.Next.Label != "":
		return lv.Next.Label
	case lv.Context != model.Task:
		return "returns"
	case len(lv.Calls) > 0:
		return "goes on"
	}
	return "has ended"
}
