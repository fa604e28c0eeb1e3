package cttest_test

import (
	"testing"

	"ctcheck/cttest"
	"ctcheck/judge"
	"ctcheck/model"
)

// A litmus test is decided under the kernel's model too.
func TestLitmusUnderLKMM(t *testing.T) {
	if o := cttest.Litmus(t, "../testdata/litmus/SB+mbs.litmus", model.LKMM); o.Observation() != judge.Never {
		t.Errorf("SB+mbs is %s", o.Observation())
	}
	if o := cttest.Litmus(t, "../testdata/litmus/MP.litmus", model.LKMM); o.Observation() != judge.Sometimes {
		t.Errorf("MP is %s", o.Observation())
	}
}
