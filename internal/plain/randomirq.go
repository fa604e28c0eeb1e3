package plain

import (
	"fmt"

	"ctcheck/model"
)

// This file has what random programs do to interrupts.

// devices gives some CPUs lines that interrupt by themselves. Their handlers come later.
func (g *gen) devices() {
	for i := range max(g.roll(4)-2, 0) {
		c := g.cpu()
		if len(g.ipis) > 0 && g.roll(2) == 1 {
			c = g.ipis[0].CPU // so that lines may interrupt each other's handlers
		}
		g.lines = append(g.lines, c.OnIRQ(fmt.Sprint("device", i), nil, 1))
	}
}

// flag appends a step about the interrupt flag, or a stretch with interrupts off.
func (b *body) flag() {
	open := b.calls == 0 && b.context != model.InNMI // others may run in an NMI, which must not enable
	switch k := b.roll(6); {
	case k == 0:
		b.LocalIRQDisable()
	case k == 1 && open, k == 2 && open:
		b.LocalIRQEnable()
	case k == 3:
		b.LocalIRQRestore(b.ok)
	case k == 4:
		b.LocalSaveFlags(b.ok)
	default:
		b.LocalIRQSave(b.ok)
		b.step(0)
		if b.roll(4) < 3 {
			b.LocalIRQRestore(b.ok)
		}
	}
}

// send appends the sending of an IPI, or the raising of one.
func (b *body) send() {
	if ipi := pick(b.gen, b.ipis); b.roll(4) == 3 {
		b.RaiseIPI("raise", ipi)
	} else {
		b.SendIPI("send", ipi)
	}
}
