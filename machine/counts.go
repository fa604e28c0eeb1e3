package machine

import (
	"fmt"
	"math/bits"

	"ctcheck/model"
)

// This file ages copies of a count that does not end ([model.Var.Endless]). The state has it modulo a power of
// two, so a copy that is old enough would be taken for a new one. A copy that is as old as can be told, one
// less than the count comes round in, is made one younger, and stays so: it is old, and never equal to the
// count as it is.

// A Count is the count of a machine that does not end.
type Count struct {
	m    *Machine
	at   *loc
	unit int64
}

// Count prepares the ageing of copies; nil if the machine has no such count. The error says that it has two, or
// where one is used in a way for which ageing does not do ([ir.Flow.Counts]).
func (m *Machine) Count() (*Count, error) {
	vs, err := m.flow.Counts()
	if err != nil || len(vs) == 0 {
		return nil, err
	}
	if len(vs) > 1 {
		return nil, fmt.Errorf("%s and %s are both endless; one can be", vs[0].Name, vs[1].Name)
	}
	mask, v := vs[0].Source.Endless, vs[0]
	unit := int64(1) << bits.TrailingZeros64(uint64(mask))
	if !v.Modular || v.Lo != 0 || mask+unit != v.Hi+1 || mask < 3*unit {
		return nil, fmt.Errorf("what is endless of %s must be two or more of its uppermost bits, and it "+
			"modular", v.Name)
	}
	return &Count{m: m, at: m.places[v], unit: unit}, nil
}

// Var is the variable that has the count.
func (c *Count) Var() *model.Var { return c.at.v }

// Now is the count in s.
func (c *Count) Now(s []uint64) uint64 { return uint64(c.at.get(s) & c.at.v.Endless) }

// Age makes the copies in s that are too old as old as can be told. The state is what a step from before led
// to; the error says that the step did to the count what none may do.
func (c *Count) Age(before, s []uint64) error {
	mask := c.at.v.Endless
	now := int64(c.Now(s))
	if step := (now - int64(c.Now(before))) & mask; step != 0 && step != c.unit {
		return fmt.Errorf("a step adds more than 1 to the count of %s, or takes from it", c.at.v.Name)
	}
	for i := range c.m.cpus {
		for j := range c.m.cpus[i].levels {
			lv := &c.m.cpus[i].levels[j]
			if j > 0 && lv.pc.get(s) == 0 {
				continue
			}
			for _, a := range lv.at(s).calls {
				for _, b := range a.names {
					if b.l == nil || b.l.word >= len(s) || b.v.Counter() != c.at.v {
						continue
					}
					if x := b.l.get(s); x&mask == (now+c.unit)&mask {
						b.l.put(s, x&^mask|(now+2*c.unit)&mask)
					}
				}
			}
		}
	}
	return nil
}
