package command

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// This file says what a flag means that is given more than once. pflag lets the last one win, so that what was
// asked for first is dropped and nobody is told: a property that was asked for and not checked looks as if it held.

// listMark marks the flags whose values are names with commas between them.
const listMark = "ctcheck_list"

// watchRepeats lets every list of a command and those below it add up, and every other flag be given once. A flag
// that makes a list of its own, as --out does, is left alone.
func watchRepeats(cmd *cobra.Command) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if _, adds := f.Value.(pflag.SliceValue); adds {
			return
		}
		f.Value = &watchedValue{Value: f.Value, name: f.Name, list: f.Annotations[listMark] != nil}
		if f.DefValue == "0s" {
			f.DefValue = "" // which pflag's help leaves out, but only of values of its own types
		}
	})
	for _, c := range cmd.Commands() {
		watchRepeats(c)
	}
}

// A watchedValue is the value of a flag that knows whether it was given.
type watchedValue struct {
	pflag.Value
	name  string
	list  bool
	given bool
	text  string // as it was given
}

// Set is called for each time that the flag is given. The error is that of a second time, or of the value.
func (v *watchedValue) Set(text string) error {
	switch {
	case v.given && !v.list:
		return &repeatedError{v.name, v.text, text}
	case v.given:
		text = v.text + "," + text
	}
	v.given, v.text = true, text
	return v.Value.Set(text)
}

// IsBoolFlag reports whether the flag may stand without a value, which pflag's help looks at.
func (v *watchedValue) IsBoolFlag() bool {
	b, ok := v.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

// A repeatedError is of a flag that is given twice and can have one value.
type repeatedError struct{ flag, first, second string }

func (e *repeatedError) Error() string {
	return fmt.Sprintf("--%s is given twice, as %q and as %q; it takes one value", e.flag, e.first, e.second)
}

// repeated is the repeatedError in an error of pflag; nil if there is none.
func repeated(err error) error {
	if r := (*repeatedError)(nil); errors.As(err, &r) {
		return r
	}
	return nil
}
