package cfront

import (
	"fmt"
	"math/bits"

	"modernc.org/cc/v4"

	"ctcheck/model"
)

// This file has what is known of a protocol in a configuration across lowerings. It only grows.

// facts are found by a lowering that assumes them; one that finds more is thrown away.
type facts struct {
	dirty   bool // the lowering at hand has found more
	ranges  map[string]*span
	varies  map[string]bool // of a local: some code assigns to it after its declaration
	read    map[string]bool // of a local: some code reads it
	escapes map[string]bool // of a local: its address is stored somewhere, so it is in memory
	homes   []home          // of those
	unit    *unit           // to which the homes belong
}

// A home is the memory of a local in one context.
type home struct {
	key, name string
	local     string // its key
	t         cc.Type
	marks     marks
	at        cc.Node
}

// of takes the homes away that belong to what was parsed before.
func (fa *facts) of(u *unit) *facts {
	if fa.unit != u {
		fa.unit, fa.homes = u, nil
	}
	return fa
}

func newFacts() *facts {
	return &facts{ranges: map[string]*span{}, varies: map[string]bool{}, read: map[string]bool{},
		escapes: map[string]bool{}}
}

// set adds a fact to one of the sets.
func (fa *facts) set(m map[string]bool, key string) {
	if !m[key] {
		m[key] = true
		fa.dirty = true
	}
}

// A span is the values that a variable may have as far as it is known.
type span struct {
	lo, hi int64
	t      scalar
	fixed  bool // by its declaration
	wraps  bool
	truth  bool
	byOne  int // how often a search found it one step beyond
}

// span is that of a variable, which begins with 0 and 1 if its declaration does not say more.
func (fa *facts) span(key string, t scalar, m marks) *span {
	s := fa.ranges[key]
	if s == nil {
		s = &span{hi: 1, t: t, truth: t.isBool}
		if m.ranged {
			s.lo, s.hi, s.fixed = m.lo, m.hi, true
		}
		s.wraps = m.wraps
		fa.ranges[key] = s
	}
	return s
}

// include makes room for the values lo to hi, as far as the variable's type has them.
func (fa *facts) include(s *span, lo, hi int64) {
	if s.fixed {
		return
	}
	if least, most, bounded := s.t.limits(); bounded {
		lo, hi = max(lo, least), min(hi, most)
	}
	if s.grow(lo) || s.grow(hi) {
		fa.dirty = true
		s.grow(hi)
	}
}

// grow makes room for a value: up to the next power of two, so that it happens rarely.
func (s *span) grow(x int64) bool {
	switch {
	case x > s.hi:
		s.hi = 1<<min(bits.Len64(uint64(x)), 62) - 1
		s.hi = max(s.hi, x)
	case x < s.lo:
		s.lo = -1 << min(bits.Len64(uint64(^x)), 62)
		s.lo = min(s.lo, x)
	default:
		return false
	}
	if least, most, bounded := s.t.limits(); bounded {
		s.lo, s.hi = max(s.lo, least), min(s.hi, most)
	}
	return true
}

// narrow reports whether a variable can have the range.
func (s *span) narrow() bool { return s.hi-s.lo >= 0 && s.hi-s.lo < 1<<32 }

// rng is the range. One of all values of a type counts modulo their number, as the type does.
func (s *span) rng() model.Range {
	if s.truth && s.lo == 0 && s.hi == 1 {
		return model.Bool
	}
	least, most, bounded := s.t.limits()
	full := bounded && s.lo == least && s.hi == most
	return model.Range{Lo: s.lo, Hi: s.hi, Modular: s.wraps || full && !s.t.isBool}
}

// endless is from which number on a counter that goes on by one is taken for one that never ends.
const endless = 4096

// widen makes room for what a search found; see [File.Widen].
func (fa *facts) widen(key string, v *model.Var, value int64) error {
	s, name := fa.ranges[key], v.Name
	if s == nil {
		return fmt.Errorf("%s has a range of its own", name)
	}
	if s.lo <= value && value <= s.hi {
		if v.Lo <= s.lo && s.hi <= v.Hi {
			return fmt.Errorf("checker fault: %s has room for %d", name, value)
		}
		return nil // another search found it before
	}
	if s.fixed {
		return fmt.Errorf("the declaration of %s says %d to %d; say more there, or add __ct_wraps", name, s.lo,
			s.hi)
	}
	if value == s.hi+1 || value == s.lo-1 {
		s.byOne++
	}
	if s.byOne >= 8 && (value > endless || value < -endless) {
		return fmt.Errorf("%s seems to count for ever; say in its declaration how many values it takes to tell "+
			"them apart, as in: int %s __ct_bits(3) __ct_wraps", name, lastName(name))
	}
	if least, most, bounded := s.t.limits(); bounded && (value < least || value > most) {
		if s.lo == least && s.hi == most {
			return fmt.Errorf("checker fault: %s does not wrap", name)
		}
		s.lo, s.hi = least, most // it wraps
	} else {
		s.grow(value)
	}
	if !s.narrow() {
		return fmt.Errorf("%s = %d needs more than 32 bits, which is what a variable has", name, value)
	}
	return nil
}

// lastName is the last field of a variable's name.
func lastName(name string) string {
	at := len(name)
	for at > 0 && (name[at-1] == '_' || name[at-1] >= '0' && name[at-1] <= '9' ||
		name[at-1] >= 'A' && name[at-1] <= 'Z' || name[at-1] >= 'a' && name[at-1] <= 'z') {
		at--
	}
	if at == len(name) {
		return "x"
	}
	return name[at:]
}
