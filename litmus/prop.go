package litmus

import "strings"

// PropOp is what a proposition is made of.
type PropOp uint8

// The propositions.
const (
	PropTrue PropOp = iota
	PropEq          // Left = Right, or Left = Value
	PropNot
	PropAnd
	PropOr
)

// A Prop is a proposition about a final state: a tree whose leaves compare final values.
type Prop struct {
	Op   PropOp
	Args []*Prop
	Pos
	Left  Loc
	Right *Loc // nil: Left is compared with Value
	Value Value
}

// Eval is the proposition of a state, which gives the final value of each register and location.
func (p *Prop) Eval(state func(Loc) Value) bool {
	switch p.Op {
	case PropEq:
		right := p.Value
		if p.Right != nil {
			right = state(*p.Right)
		}
		return state(p.Left) == right
	case PropNot:
		return !p.Args[0].Eval(state)
	case PropAnd:
		for _, q := range p.Args {
			if !q.Eval(state) {
				return false
			}
		}
		return true
	case PropOr:
		for _, q := range p.Args {
			if q.Eval(state) {
				return true
			}
		}
		return false
	}
	return true
}

// String is the proposition as herd7 spells it, without brackets around the whole.
func (p *Prop) String() string {
	switch p.Op {
	case PropEq:
		if p.Right != nil {
			return p.Left.String() + "=" + p.Right.String()
		}
		return p.Left.String() + "=" + p.Value.String()
	case PropNot:
		return "not (" + p.Args[0].String() + ")"
	case PropAnd, PropOr:
		var parts []string
		for _, q := range p.Args {
			s := q.String()
			if q.Op == PropOr && p.Op == PropAnd {
				s = "(" + s + ")"
			}
			parts = append(parts, s)
		}
		return strings.Join(parts, map[PropOp]string{PropAnd: ` /\ `, PropOr: ` \/ `}[p.Op])
	}
	return "true"
}

// locs is the registers and locations that it speaks of.
func (p *Prop) locs() []Loc {
	var locs []Loc
	p.each(func(q *Prop) {
		locs = append(locs, q.Left)
		if q.Right != nil {
			locs = append(locs, *q.Right)
		}
	})
	return locs
}

// each calls f for every comparison.
func (p *Prop) each(f func(*Prop)) {
	if p.Op == PropEq {
		f(p)
	}
	for _, q := range p.Args {
		q.each(f)
	}
}

// condition parses a proposition: or of and of comparisons, each perhaps negated.
func (r *reader) condition() *Prop {
	r.deeper()
	defer r.shallower()
	p := r.join(PropOr, `\/`, func() *Prop { return r.join(PropAnd, `/\`, r.primary) })
	if at := r.tok.Pos; r.accept("=>") {
		return &Prop{Op: PropOr, Pos: at, Args: []*Prop{{Op: PropNot, Pos: at, Args: []*Prop{p}}, r.condition()}}
	}
	return p
}

func (r *reader) join(op PropOp, sign string, operand func() *Prop) *Prop {
	at := r.tok.Pos
	args := []*Prop{operand()}
	for r.accept(sign) {
		args = append(args, operand())
	}
	if len(args) == 1 {
		return args[0]
	}
	return &Prop{Op: op, Pos: at, Args: args}
}

func (r *reader) primary() *Prop {
	at := r.tok.Pos
	switch {
	case r.accept("~"), r.accept("not"):
		r.deeper()
		defer r.shallower()
		return &Prop{Op: PropNot, Pos: at, Args: []*Prop{r.primary()}}
	case r.accept("("):
		p := r.condition()
		r.want(")", "in the proposition")
		return p
	case r.accept("true"):
		return &Prop{Pos: at}
	case r.accept("false"):
		return &Prop{Op: PropNot, Pos: at, Args: []*Prop{{Pos: at}}}
	}
	p := &Prop{Op: PropEq, Pos: at, Left: r.loc()}
	differs := false
	switch {
	case r.accept("="), r.accept("=="):
	case r.accept("!="):
		differs = true
	default:
		r.unexpected("after " + p.Left.String() + "; a comparison is = or !=")
	}
	p.Value, p.Right = r.term()
	if differs {
		return &Prop{Op: PropNot, Pos: at, Args: []*Prop{p}}
	}
	return p
}

// loc parses what a comparison or the locations line speaks of: 0:r1, P0:EAX, x, [x], *x, a[1].
func (r *reader) loc() Loc {
	at := r.tok
	switch {
	case r.tok.kind == tokInt:
		n := r.integer()
		r.want(":", "after the number of a thread")
		return Loc{int(min(max(n, 0), maxThreads)), r.register()}
	case r.accept("["):
		l := r.location()
		r.want("]", "after "+l.Name)
		return l
	case r.accept("*"):
		return r.location()
	case r.tok.kind != tokName:
		r.unexpected("where a register such as 0:r1 or a location such as x or [x] should be")
	}
	if n, ok := threadName(at.text); ok && r.peek(":") {
		r.next()
		r.next()
		return Loc{n, r.register()}
	}
	return r.location()
}

// register parses the name of a register; x86's may have a %.
func (r *reader) register() string {
	r.accept("%")
	name := r.name("the name of a register")
	if r.t.Arch == X86 {
		reg, ok := r.t.x86Register(name)
		if !ok {
			fail(r.before.Pos, "found %q, which is no register of 32 or 64 bits", name)
		}
		return reg
	}
	return name
}

// location parses x or a[1].
func (r *reader) location() Loc {
	var name strings.Builder
	name.WriteString(r.name("the name of a location"))
	for {
		switch {
		case r.tok.is("[") && r.tok.near:
			r.next()
			name.WriteString("[" + r.index() + "]")
			r.want("]", "after an index")
		case r.tok.is(".") && r.tok.near:
			r.next()
			name.WriteString("." + r.name("the name of a field"))
		default:
			return Loc{-1, name.String()}
		}
	}
}

// term parses the right side of a comparison: an integer, an address, or a register or location.
func (r *reader) term() (Value, *Loc) {
	switch {
	case r.tok.kind == tokInt && r.peek(":"), r.tok.is("["), r.tok.is("*"):
		l := r.loc()
		return Value{}, &l
	case r.tok.is("-"), r.tok.is("+"), r.tok.kind == tokInt:
		return Value{Int: r.integer()}, nil
	case r.accept("("):
		v, l := r.term()
		r.want(")", "after a value")
		return v, l
	}
	r.accept("&")
	at := r.tok
	if n, ok := threadName(at.text); ok && r.peek(":") {
		l := r.loc()
		return Value{Int: int64(n)}, &l
	}
	return r.constant(r.location().Name), nil
}

// constant is what a name means as a value: true, false, NULL, or else an address.
func (r *reader) constant(name string) Value {
	if k, ok := constants[name]; ok {
		return Value{Int: k}
	}
	return Value{Addr: name}
}

// constants is the names that are numbers.
var constants = map[string]int64{"true": 1, "false": 0, "NULL": 0}

// Truth is a proposition where not all values need be known: ok says whether it is.
func (p *Prop) Truth(value func(Loc) (v Value, ok bool)) (truth, ok bool) {
	switch p.Op {
	case PropEq:
		left, ok := value(p.Left)
		right := p.Value
		if p.Right != nil {
			var known bool
			right, known = value(*p.Right)
			ok = ok && known
		}
		return left == right, ok
	case PropNot:
		t, ok := p.Args[0].Truth(value)
		return !t, ok
	case PropAnd, PropOr:
		all := true
		for _, q := range p.Args {
			t, ok := q.Truth(value)
			if ok && t == (p.Op == PropOr) {
				return t, true
			}
			all = all && ok
		}
		return p.Op == PropAnd, all
	}
	return true, true
}
