package models

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ctcheck/deferral"
	"ctcheck/model"
)

// This file has the setters of a configuration that says how they behave and not how many there are, [Config.Any].
//
// They are alike: each makes any number of requests, one after the other. One request of the first setter is
// followed, which can be any request of any CPU, since all are alike. With one work bit all requests are for that;
// with more the followed one is for WORK_0, which no other request asks for, and the others are for any of the
// rest.
//
// The followed request alone has a subject that a ledger knows ([deferral.Request.Times] of the others is
// more), so a property about one request is decided for any.

// Family reports whether the configuration stands for one with each number of setters, and not for one program.
func (c Config) Family() bool { return c.Any && !c.instance }

// Rest is the configuration with so many setters of which the first makes the followed request and no other. With
// any number of setters no run is missed: another one makes the first one's other requests.
func (c Config) Rest(setters int) Config {
	c.Setters, c.instance, c.once = setters, true, true
	return c
}

// Each is the configuration with so many setters, each of which makes at most so many requests; 0 is any number.
func (c Config) Each(setters, requests int) Config {
	c.Setters, c.instance, c.each, c.once = setters, true, requests, false
	return c
}

// anyWord is how a number of setters without a bound is written.
const anyWord = "any"

// settersText is the setters as [parseSetters] reads them.
func settersText(c *Config) string {
	switch {
	case !c.Any:
		return strconv.Itoa(c.Setters)
	case !c.instance:
		return anyWord
	case c.each == 0:
		return fmt.Sprintf("%s:%d", anyWord, c.Setters)
	}
	return fmt.Sprintf("%s:%d:%d", anyWord, c.Setters, c.each)
}

func notSetters(text string) error {
	return fmt.Errorf("it is %q; it can be a number, any, any:N, or any:N:R for at most R requests of each", text)
}

// parseSetters reads a number, "any", "any:3" for an instance of that with 3 setters, or "any:3:1" for one in which
// each of them makes at most 1 request.
func parseSetters(c *Config, text string) error {
	words := strings.Split(text, ":")
	var numbers []int
	if words[0] == anyWord {
		words = words[1:]
		c.Any, c.instance, c.each = true, len(words) > 0, 0
	} else {
		c.Any, c.instance, c.each = false, false, 0
	}
	for _, w := range words {
		n, err := strconv.Atoi(w)
		if err != nil {
			return notSetters(text)
		}
		numbers = append(numbers, n)
	}
	switch {
	case c.Any && len(numbers) == 2 && (numbers[1] < 1 || numbers[1] > 8):
		return fmt.Errorf("it is %q; each setter can make 1 to 8 requests", text)
	case c.Any && len(numbers) == 2:
		c.each = numbers[1]
		fallthrough
	case len(numbers) == 1:
		c.Setters = numbers[0]
	case len(numbers) > 0 || !c.Any:
		return notSetters(text)
	}
	return nil
}

// counted reports whether the requests of an instance have a bound.
func (c Config) counted() bool { return c.each > 0 }

// others is the work bits of requests that are not followed.
func (c Config) others() []int {
	if c.Works == 1 {
		return []int{0}
	}
	var works []int
	for w := 1; w < c.Works; w++ {
		works = append(works, w)
	}
	return works
}

// anySetters adds the setters of a configuration with Any.
func anySetters(p *model.Program, c Config, pr Protocol, setters []*model.CPU) {
	d := deferral.Of(p)
	p.Assumptions = append(p.Assumptions, c.anyAssumptions(setters[0])...)
	for i, s := range setters {
		a := anySetter{p: p, c: c, pr: pr, cpu: s}
		if i == 0 {
			a.followed = requests(d, s, []int{0}, a.ipi(0, "the followed request"), false)
		}
		for _, w := range c.others() {
			ipi := a.ipi(w, fmt.Sprintf("requests of %s for %s", s.Name, workName(w)))
			q := requests(d, s, []int{w}, ipi, false)
			q[0].Times = model.AnyNumber
			if c.counted() {
				q[0].Times = c.each
			}
			a.others = append(a.others, q)
		}
		s.Run(p.Routine(s.Name+" task", a.code))
		if i > 0 {
			p.Replicated = append(p.Replicated, s)
		}
	}
}

// anyAssumptions is what the setters and the target do, in sentences.
func (c Config) anyAssumptions(first *model.CPU) []string {
	many := "any number of"
	if c.counted() {
		many = fmt.Sprintf("at most %d", c.each)
	}
	does := "each setter makes " + many + " requests, one after the other; the target comes and goes for ever"
	if c.NMI > 0 {
		does += fmt.Sprintf("; any number of NMIs hit it, %d on top of each other at most", c.NMIDepth)
	}
	which := "all requests are"
	if c.Works > 1 {
		which = "it alone is"
	}
	return []string{does, fmt.Sprintf("one request of %s, any one, is followed; %s for %s", first.Name, which,
		workName(0))}
}

// An anySetter writes the code of one setter.
type anySetter struct {
	p        *model.Program
	c        Config
	pr       Protocol
	cpu      *model.CPU
	followed []*deferral.Request
	others   [][]*deferral.Request
}

func (a anySetter) ipi(work int, of string) *model.IPI {
	return deferral.Of(a.p).Target.IPI("csd of "+of, handler(a.p, a.c, a.pr), model.Int(work))
}

// code is any number of requests, the followed one at any time among them, and once.
func (a anySetter) code(r *model.Routine) {
	if a.c.once && a.followed != nil {
		a.call(r, a.followed)
		return
	}
	var made *model.Var
	if a.followed != nil {
		made = r.Local("followed one made", model.Bool)
	}
	var left *model.Var
	more := model.Value(model.True)
	if a.c.counted() {
		left = r.Local("requests left", model.UpTo(int64(a.c.each)))
		r.Set(left, model.Int(a.c.each))
		more = left.NonZero()
	}
	r.While(more, func() {
		if a.c.counted() {
			r.Set(left, left.Sub(model.Int(1)))
		}
		var alts []model.Alt
		if a.followed != nil {
			alts = append(alts, r.When(made.IsZero(), func() {
				a.call(r, a.followed)
				r.Set(made, model.True)
			}))
		}
		for _, qs := range a.others {
			alts = append(alts, r.When(model.True, func() { a.call(r, qs) }))
		}
		r.Choose(alts...)
	})
}

// call is one call of on_each_cpu_cond().
func (a anySetter) call(r *model.Routine, qs []*deferral.Request) {
	r.Call(a.p.Routine("on_each_cpu_cond", func(r *model.Routine) {
		call(r, a.pr, qs, func() {
			r.SendIPI(fmt.Sprintf("smp_call_function_single_async(%s, csd)", qs[0].IPI.CPU.Name), qs[0].IPI)
		})
	}), nil)
}

// validateAny says what a configuration with any number of setters leaves no choice about.
func (c Config) validateAny() error {
	for _, given := range []struct {
		is        bool
		name, why string
	}{
		{c.Rounds != 0, "rounds", "the target comes and goes for ever"},
		{c.Requests != 1, "requests", "each of them makes any number of requests"},
		{c.Self, "self", "a request of the target's own is not among those of the setters"},
		{c.BitsPerRequest != 1, "bits-per-request", "each request is for one bit"},
		{c.Urgent != 0, "urgent", "no request is urgent"},
	} {
		if given.is {
			return fmt.Errorf("%s has no meaning with any number of setters: %s; leave it out", given.name,
				given.why)
		}
	}
	return nil
}

// nmis is how many NMIs may hit the target: with any number of setters, any number if there are any.
func (c Config) nmis() int {
	if c.Any && c.NMI > 0 {
		return model.AnyNumber
	}
	return c.NMI
}

// item is which of the items that requests leave behind, numbered from 0, is the request's: each has its own, but
// for those that are not followed where there are any number of these; they share one for each work bit.
func (c Config) item(q *deferral.Request) int {
	if !c.Any || q.Index == 0 {
		return q.Index
	}
	return 1 + slices.Index(c.others(), q.Work)
}

// Asked is the work bit of each request.
func (c Config) Asked() (works []int) {
	if !c.Any {
		for i := range c.Calls() {
			works = append(works, c.WorksOf(i)[0])
		}
		return works
	}
	works = []int{0}
	for range c.Setters {
		works = append(works, c.others()...)
	}
	return works
}

// items is the work bit of each item.
func (c Config) items() []int {
	if c.Any {
		return append([]int{0}, c.others()...)
	}
	return c.Asked()
}
