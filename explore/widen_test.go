package explore

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"ctcheck/internal/testkit"
	"ctcheck/model"
)

// counting is a program that counts to 5 in a variable of that many values.
func counting(hi int64) *model.Program {
	p := model.New("counting")
	v := p.Shared("v", model.UpTo(hi), model.Int(0))
	p.CPU("A").Run(p.Routine("a", func(r *model.Routine) {
		for range 5 {
			r.AtomicAdd("v++", v, model.Int(1))
		}
	}))
	return p
}

// A program that is built with more room each time is searched until it fits.
func TestWidening(t *testing.T) {
	hi, asked := int64(1), 0
	var states uint64
	search := func() error {
		r, err := Run(context.Background(), counting(hi), nil, Options{})
		if err == nil {
			states = r.States
		}
		return err
	}
	err := Widening(func(v *model.Var, value int64) error {
		if v.Name != "v" || value != hi+1 {
			t.Errorf("room for %s = %d is asked, want v = %d", v.Name, value, hi+1)
		}
		asked++
		hi = value
		return nil
	}, search)
	if err != nil || asked != 4 || states != 6 {
		t.Errorf("%v after %d times, %d states; want 4 times, and 6 states", err, asked, states)
	}
	hi = 1
	no := errors.New("there is no room")
	err = Widening(func(*model.Var, int64) error { return no }, search)
	if !errors.Is(err, no) {
		t.Errorf("the error is %v, without why there is no room", err)
	}
	testkit.Mentions(t, fmt.Sprint(err), "both", "v = 2 is outside its range 0..1", "there is no room")
	if err := Widening(nil, search); err == nil || errors.Is(err, no) {
		t.Errorf("without a way to make room the error is %v", err)
	}
}

// An error that is of no range is left alone.
func TestWideningOtherErrors(t *testing.T) {
	other := errors.New("another")
	n := 0
	err := Widening(func(*model.Var, int64) error { t.Error("asked for room"); return nil }, func() error {
		n++
		return other
	})
	if err != other || n != 1 {
		t.Errorf("%v after %d calls", err, n)
	}
}
