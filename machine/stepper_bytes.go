package machine

import "unsafe"

// Bytes is the memory of what the stepper remembers.
func (st *Stepper) Bytes() uint64 {
	n := st.state.bytes()
	for i := range st.cpus {
		for _, lv := range st.cpus[i].levels {
			for j := range lv.at {
				n += lv.at[j].bytes()
			}
		}
	}
	n += uint64(8*cap(st.delta) + 2*cap(st.via) + 4*cap(st.eff))
	n += uint64(cap(st.fx))*uint64(unsafe.Sizeof(Effects{})) + uint64(cap(st.outs))*uint64(unsafe.Sizeof(outcome{}))
	return n
}

func (mo *memo) bytes() uint64 {
	return uint64(8*(cap(mo.mask)+cap(mo.keys))) + uint64(cap(mo.vals))*uint64(unsafe.Sizeof(memoVal{}))
}
