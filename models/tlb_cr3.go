package models

import (
	"fmt"

	"ctcheck/deferral"
	"ctcheck/model"
)

// The CR3 signal of v6 and v7 of Valentin Schneider's series, Dave Hansen's order for it (21 Nov
// 2025), and the RFC of 24 Mar 2026 and v9.
//
// A flag kernel_cr3_loaded for each CPU, true at boot, written with plain stores by the CPU itself.
// The setter writes nothing to the target: it publishes its change (a PTE, an instruction), goes
// through a full barrier and reads the flag; 0 means that no IPI is needed. The target catches up
// at every entry with all that was published before: by a full flush, or in v8 by loading the
// kernel's CR3.
//
// Read here: a request is served by a catch-up, or by the handler of its IPI, that comes after its
// change was published; one that comes between the start of the request and its publication does
// not serve it. A catch-up runs the callback of every work bit of which some change is published,
// whenever it was, so no-double-execution is vacuous. The step that leaves user mode is the load of
// the kernel's CR3, the step that enters it is the load of the user's: until then kernel code runs,
// and no-set-in-kernel speaks of it. An NMI's body, too, is kernel code.
//
// Which CR3 is loaded is the CPU's own register; it is a variable here so that an NMI can look at
// it.
//
// Left out: idle, where the kernel's CR3 stays loaded; guest; what the flush does to other
// processes.

// A cr3Form is what the designs differ in.
type cr3Form struct {
	entry    []cr3Step
	restores bool // an NMI's exit writes the flag value that its entry found, not 0
}

// A cr3Step is one step of an entry.
type cr3Step int

const (
	loadKernel        cr3Step = iota // CR3 = kernel
	loadKernelCatchUp                // the same, where the load is the catch-up
	flushAll                         // full flush: the catch-up
	raiseFlag                        // flag = 1
)

// enterV8 is the order of the RFC of March 2026: the flag first.
var enterV8 = []cr3Step{raiseFlag, loadKernelCatchUp}

var tlbV6 = cr3Design("tlb-v6", "a flag set after CR3 is switched and the TLB is flushed",
	"Valentin Schneider, v6 and v7, 10 Oct and 14 Nov 2025", cr3Form{
		entry: []cr3Step{loadKernel, flushAll, raiseFlag}}).reviewed("no-late-work",
	"Dave Hansen's order of 21 Nov 2025, tlb-hansen, has no such run; whether this one was the "+
		"reason for that order is not recorded")

// As above, but the flag is set before the flush.
var tlbHansen = cr3Design("tlb-hansen", "tlb-v6, with the flag set before the flush",
	"Dave Hansen, 21 Nov 2025", cr3Form{entry: []cr3Step{loadKernel, raiseFlag, flushAll}})

// As above, but the flag is set before CR3 is switched, which itself is the catch-up.
var valentinV8 = cr3Design("valentin-v8", "a flag set before CR3 is switched, which is the flush",
	"Valentin Schneider, RFC of 24 Mar 2026 and v9", cr3Form{entry: enterV8})

// As above, but an NMI's exit restores the flag that its entry found.
var valentinV8Restore = cr3Design("valentin-v8-restore",
	"valentin-v8, with NMIs restoring the flag", "derived here from valentin-v8",
	cr3Form{entry: enterV8, restores: true})

func (d Design) reviewed(property, note string) Design {
	d.Reviewed = map[string]string{property: note}
	return d
}

func cr3Design(name, summary, source string, form cr3Form) Design {
	return Design{
		Name:    name,
		Summary: summary,
		Source:  source,
		LeftOut: []string{
			"left out: idle and guest, and what a flush does to other processes",
			"a request is served by a catch-up that comes after its change was published",
			"the exit step, until which kernel code runs, is the load of the user's CR3",
		},
		Build: form.build,
	}
}

func (form cr3Form) build(p *model.Program, c Config) {
	k := newCR3(p, c)
	enter := func(r *model.Routine) {
		for _, s := range form.entry {
			k.enterStep(r, s)
		}
	}
	exit := func(r *model.Routine, flag model.Value) {
		label := "kernel_cr3_loaded = 0"
		if form.restores && flag != nil {
			label = "kernel_cr3_loaded = saved"
		}
		if flag == nil {
			flag = model.Int(0)
		}
		r.WritePlain(label, k.flag, flag)
		r.WriteSerializing("SWITCH_TO_USER_CR3", k.cr3, model.Int(0))
		r.Event(deferral.EnteredUser)
	}
	// The result of the NMI's entry is 0 if it did nothing, else 1 and the flag to leave behind.
	nmiEnter := p.Routine("paranoid_entry", func(r *model.Routine) {
		cr3, saved := r.LocalOf("cr3", k.cr3), r.Local("saved", model.Bool)
		r.ReadPlain("cr3 = __read_cr3()", cr3, k.cr3)
		r.If(cr3, func() { r.Return(model.Int(0)) })
		if form.restores {
			r.ReadPlain("saved = kernel_cr3_loaded", saved, k.flag)
		}
		enter(r)
		r.Return(saved.Add(model.Int(1)))
	})
	nmiExit := p.Routine("paranoid_exit", func(r *model.Routine) {
		entered := r.Param("entered", model.UpTo(2))
		var flag model.Value
		if form.restores {
			flag = entered.Eq(model.Int(2))
		}
		r.If(entered.NonZero(), func() { exit(r, flag) })
	})
	userExit := p.Routine("entry_SYSCALL_64", enter)
	userEnter := p.Routine("exit_to_user_mode", func(r *model.Routine) { exit(r, nil) })
	Assemble(p, c, Protocol{
		SetOf:  func(qs []*deferral.Request) *SetRoute { return &SetRoute{Routine: k.set(qs[0])} },
		Defers: true,
		User: Passage{
			Enter: func(r *model.Routine) { r.Call(userExit, nil) },
			Exit:  func(r *model.Routine) { r.Call(userEnter, nil) },
		},
		NMIEnter: nmiEnter,
		NMIExit:  nmiExit,
		CatchUp:  true,
		Void: map[string]string{
			"no-double-execution": "the target catches up at every entry, asked or not"},
	})
}

// cr3 is the shared state of these designs.
type cr3 struct {
	p       *model.Program
	c       Config
	flag    *model.Var
	cr3     *model.Var
	changes []*model.Var // of each request
}

func newCR3(p *model.Program, c Config) *cr3 {
	start := model.True
	if c.Start == StartUser {
		start = model.False
	}
	k := &cr3{p: p, c: c, flag: p.Shared("kernel_cr3_loaded", model.Bool, start),
		cr3: p.Shared("CR3", model.Bool, start).Flag(model.Int(1), "kernel")}
	for i := range c.items() {
		k.changes = append(k.changes, p.Shared(fmt.Sprintf("pte_%d", i+1), model.Bool, model.Int(0)).
			Flag(model.Int(1), "new"))
	}
	return k
}

// set is what a setter does instead of set_work: publish, and look at the flag.
func (k *cr3) set(q *deferral.Request) *model.Routine {
	return k.p.Routine("flush_tlb_kernel_cond", func(r *model.Routine) {
		loaded := r.LocalOf("loaded", k.flag)
		pte := k.c.item(q)
		r.WriteOnce(fmt.Sprintf("WRITE_ONCE(*ptep, pte_%d)", pte+1), k.changes[pte], model.Int(1))
		r.WhenVisible(func() { q.Publish(r) })
		r.SmpMb()
		r.ReadPlain("loaded = per_cpu(kernel_cr3_loaded, cpu)", loaded, k.flag)
		r.Return(loaded.IsZero())
	})
}

func (k *cr3) enterStep(r *model.Routine, s cr3Step) {
	switch s {
	case loadKernel:
		r.WriteSerializing("SWITCH_TO_KERNEL_CR3", k.cr3, model.Int(1))
		r.Event(deferral.LeftUser)
	case loadKernelCatchUp:
		r.Atomic("SWITCH_TO_KERNEL_CR3 /* which flushes */", func() {
			r.WriteSerializing("SWITCH_TO_KERNEL_CR3", k.cr3, model.Int(1))
			r.Event(deferral.LeftUser)
			k.catchUp(r)
		})
	case flushAll:
		r.Atomic("__flush_tlb_all()", func() { k.catchUp(r) })
	case raiseFlag:
		r.WritePlain("kernel_cr3_loaded = 1", k.flag, model.Int(1))
	}
}

// catchUp sees every change that is published and runs the callbacks of their work bits. What reads a PTE
// then is the MMU, so that is not a plain access of C.
func (k *cr3) catchUp(r *model.Routine) {
	seen, one := r.Local("seen", model.Bits(k.c.Works)), r.Local("pte", model.Bool)
	for i, v := range k.changes {
		work := k.c.items()[i]
		r.AtomicRead(v.Name, one, v)
		r.If(one, func() { r.Set(seen, seen.Or(model.Int(1)<<work)) })
	}
	r.Set(one, model.Int(0))
	d := deferral.Of(k.p)
	for w := range k.c.Works {
		r.If(seen.Has(model.Int(1)<<w), func() { d.RunWork(r, "flush", model.Int(w), deferral.ByFlush) })
	}
	r.Set(seen, model.Int(0))
	r.Event(deferral.Flushed)
}
