package explore

import (
	"errors"
	"fmt"

	"ctcheck/ir"
	"ctcheck/model"
)

// Widening calls f, and again as long as its error is that a variable would get a value outside its range
// ([ir.Fault]) and widen makes room for it. f is to search a program that is built anew each time; widen says how
// the next one will differ, or why there is no room. Where widen is nil f is called once. The error is that of f,
// with that of widen if there is one.
func Widening(widen func(v *model.Var, value int64) error, f func() error) error {
	for {
		err := f()
		var fault *ir.Fault
		if widen == nil || !errors.As(err, &fault) || fault.Var == nil {
			return err
		}
		if no := widen(fault.Var, fault.Value); no != nil {
			return fmt.Errorf("%w (%w)", err, no)
		}
	}
}
