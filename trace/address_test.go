package trace_test

import (
	"slices"
	"strings"
	"testing"

	"ctcheck/ir"
	"ctcheck/trace"
)

// Addresses are read as they are written, and what is no address is refused with its word.
func FuzzAddresses(f *testing.F) {
	for _, s := range []string{"", "0", "0-1.2-2i0-1d1-2n-0f", "0-", "-", "1.-", "99999999999", "+1", "0.0", "1i",
		"٣", "0x3", "0x0", "0x", "1nx2:0-1", ":0", "0:", "0x999999999", "0:1:2", "1.2x3-1.2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		const most = 1000
		path, loop, err := trace.ParseAddress(s, most)
		if err != nil {
			return
		}
		if len(path) > most || loop >= len(path) {
			t.Fatalf("%q: %d steps, of at most %d, with a cycle from step %d", s, len(path), most, loop)
		}
		text := trace.Address(path, loop)
		again, l, err := trace.ParseAddress(text, most)
		if err != nil || !slices.Equal(path, again) || l != loop {
			t.Errorf("%q is read as %v, %d; written as %q; and read as %v, %d, %v", s, path, loop, text, again, l,
				err)
		}
	})
}

func TestAddress(t *testing.T) {
	step, nmi := ir.Transition{CPU: 2}, ir.Transition{CPU: 2, Kind: ir.PushNMI}
	for _, row := range []struct {
		path []ir.Transition
		loop int
		want string
	}{
		{nil, -1, ""},
		{[]ir.Transition{step, step, step}, -1, "2x3"},
		{[]ir.Transition{step, step, step}, 1, "2:2x2"},
		{[]ir.Transition{step, step, step}, 0, ":2x3"},
		{[]ir.Transition{nmi, step, nmi, nmi}, -1, "2n-2-2nx2"},
		{[]ir.Transition{{Index: 1}, {CPU: 1, Kind: ir.PushIPI}, {CPU: 1, Kind: ir.Flush}}, 2, "0.1-1i0:1f"},
	} {
		if got := trace.Address(row.path, row.loop); got != row.want {
			t.Errorf("%v, %d: %q, want %q", row.path, row.loop, got, row.want)
		}
	}
	for _, row := range [][2]string{{"0-q-1", `step 2 of the run is "q"`}, {"0x0", "step 1"},
		{"0x11", "more than 10 steps"}, {"0:", "nothing behind its colon"}, {"0x5-0x6", "more than 10 steps"},
		{"0:1:0", `step 2 of the run is "1:0"`}} {
		if _, _, err := trace.ParseAddress(row[0], 10); err == nil || !strings.Contains(err.Error(), row[1]) {
			t.Errorf("%s: %v, want %s", row[0], err, row[1])
		}
	}
}
