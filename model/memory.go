package model

import (
	"fmt"
	"slices"
)

// This file has the memory models, one row of a table each: when the stores of a CPU are seen by the others, and
// which statements make sure that they are.
//
// Under sequential consistency every access takes effect when it is made. Under x86-TSO (Owens, Sarkar and
// Sewell, A better x86 memory model: x86-TSO, TPHOLs 2009) each CPU has a buffer of stores, first in, first
// out: a store waits there until, in a step of its own at any later time, it reaches memory; a load sees the
// CPU's own newest store that waits, else memory; and locked instructions, fences and serializing ones wait
// until the buffer is empty.
//
// The paper has no interrupts. Of these both vendors say that the buffer is written to memory before the first
// instruction of the handler: Intel, SDM vol. 3A, "Store Buffer" in the chapter on memory cache control, and AMD,
// APM vol. 2, 7.5.1 "Write Buffering". x86-TSO is read so here; tso-lazy is the weaker reading, in which a handler
// may begin while stores of what it interrupts still wait, for designs that are not to rest on it.

// MemoryModel says when the stores of one CPU are seen by the others. The zero value is sequential consistency.
type MemoryModel uint8

// The memory models.
const (
	SC      MemoryModel = iota // sequential consistency
	TSO                        // x86-TSO
	TSOLazy                    // x86-TSO, but for interrupts, which leave the store buffer alone
	LKMM                       // the Linux-kernel memory model, which is axioms: see package axiom
)

// A memoryModel is a row of the table.
type memoryModel struct {
	name  string
	title string // what it is called in a sentence
	// assumed is the sentence that bounds what a verdict means, with the size of the buffers for %s.
	assumed string
	// waits says which stores may wait in the CPU's store buffer; nil: there are no buffers.
	waits func(s *Stmt) bool
	// drains says which statements wait until the buffer is empty.
	drains func(s *Stmt) bool
	// interruptsDrain says that a handler begins when the buffer of its CPU is empty, and not before.
	interruptsDrain bool
	// inert says why the order of an access, or a fence, changes nothing; it is empty where it may.
	inert func(s *Stmt) string
}

var memoryModels = [...]memoryModel{
	SC: {
		name:    "sc",
		title:   "sequential consistency",
		assumed: "sequential consistency: no store buffers, no reordering by CPU or compiler",
		inert:   func(*Stmt) string { return "under sequential consistency every access is ordered" },
	},
	TSO: {
		name:  "tso",
		title: "x86-TSO",
		assumed: "x86-TSO: each CPU has a store buffer, %s, which interrupts and NMIs drain; no reordering by " +
			"the compiler",
		waits:           storesByMove,
		drains:          locksOrSerializes,
		interruptsDrain: true,
		inert:           inertOnX86,
	},
	TSOLazy: {
		name:  "tso-lazy",
		title: "x86-TSO without draining at interrupts",
		assumed: "x86-TSO, but interrupts and NMIs do not drain the store buffer that each CPU has, %s; no " +
			"reordering by the compiler",
		waits:  storesByMove,
		drains: locksOrSerializes,
		inert:  inertOnX86,
	},
	LKMM: {
		name:    "lkmm",
		title:   "the Linux-kernel memory model",
		assumed: "the Linux-kernel memory model, as of Linux 6.15",
		inert:   func(*Stmt) string { return "" },
	},
}

// storesByMove reports whether a statement is a plain move on x86: a store of any order but Full.
func storesByMove(s *Stmt) bool {
	return s.Kind == StmtAccess && (s.Op == Store || s.Op == StoreBits) && s.Order != Full
}

// locksOrSerializes reports whether a statement is a locked instruction on x86, or one that serializes: every
// read-modify-write, relaxed or failing ones too; stores of order Full (xchg, writes to CR3); an Atomic;
// smp_mb(); and the sending of an IPI, which queues its call by a locked instruction first (llist_add in
// kernel/smp.c), or is raised behind a fence (weak_wrmsr_fence in arch/x86). The other barriers leave the buffer
// alone.
func locksOrSerializes(s *Stmt) bool {
	switch s.Kind {
	case StmtAccess:
		return s.Op != Load && !storesByMove(s)
	case StmtFence:
		return s.Fence == FenceMb
	}
	return s.Kind == StmtAtomic || s.Kind == StmtSend
}

// inertOnX86 is why an order or a fence changes nothing on x86.
func inertOnX86(s *Stmt) string {
	switch {
	case s.Kind == StmtFence && s.Fence != FenceMb:
		return "on x86 it orders the compiler only"
	case s.Kind != StmtAccess:
		return ""
	case s.Op.IsRMW():
		return "on x86 every locked instruction is a full barrier"
	case s.Op == Load:
		return "on x86 every load is an acquire"
	case s.Order == Release:
		return "on x86 every store is a release"
	}
	return ""
}

func (m MemoryModel) String() string { return memoryModels[m].name }

// Title is what the model is called in a sentence.
func (m MemoryModel) Title() string { return memoryModels[m].title }

// HasBuffers reports whether stores may wait in a store buffer of their CPU.
func (m MemoryModel) HasBuffers() bool { return memoryModels[m].waits != nil }

// Waits reports whether the store that a statement makes may wait in its CPU's store buffer. Inside an Atomic
// none does.
func (m MemoryModel) Waits(s *Stmt) bool { return m.HasBuffers() && memoryModels[m].waits(s) }

// Drains reports whether a statement waits until its CPU's store buffer is empty.
func (m MemoryModel) Drains(s *Stmt) bool { return m.HasBuffers() && memoryModels[m].drains(s) }

// InterruptsDrain reports whether a handler, of an interrupt or an NMI, begins only when its CPU's store buffer is
// empty.
func (m MemoryModel) InterruptsDrain() bool { return memoryModels[m].interruptsDrain }

// Inert is why the order of an access, or a fence, changes nothing under the model; it is empty where it may.
func (m MemoryModel) Inert(s *Stmt) string { return memoryModels[m].inert(s) }

// Assumed is the sentence on the model that bounds what a verdict means; size says how large the store buffers
// are, if there are any.
func (m MemoryModel) Assumed(size string) string {
	if !m.HasBuffers() {
		return memoryModels[m].assumed
	}
	return fmt.Sprintf(memoryModels[m].assumed, size)
}

// MemoryModels is all that have states, which searches go through.
func MemoryModels() []MemoryModel { return []MemoryModel{SC, TSO, TSOLazy} }

// LitmusModels is all of them: those of [MemoryModels], and those of axioms.
func LitmusModels() []MemoryModel { return append(MemoryModels(), LKMM) }

// OfAxioms reports whether the model is one of axioms, which has no states.
func (m MemoryModel) OfAxioms() bool { return m == LKMM }

// MemoryModelNames is their names.
func MemoryModelNames() []string {
	var names []string
	for _, m := range MemoryModels() {
		names = append(names, m.String())
	}
	return names
}

// ParseMemoryModel is the memory model of that name; it is not ok if there is none.
func ParseMemoryModel(name string) (m MemoryModel, ok bool) {
	i := slices.Index(MemoryModelNames(), name)
	return MemoryModel(max(i, 0)), i >= 0
}
