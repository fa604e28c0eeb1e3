package cttest_test

import (
	"testing"

	"ctcheck/cttest"
	"ctcheck/model"
	"ctcheck/models"
)

// Protocols in C go through the same assertions as others.
func TestCFile(t *testing.T) {
	cttest.Holds(t, cttest.CFile(t, "../examples/mcs_lock.c"))
	cttest.Under(model.TSO).Holds(t, cttest.CFile(t, "../examples/ticket_lock.c"))
	c := models.DefaultConfig()
	c.Setters = 1
	cttest.Holds(t, cttest.CDesign(t, "../testdata/c/valentin.c", c))
	cttest.Violates(t, cttest.CDesign(t, "../testdata/c/peterz.c", models.DefaultConfig()), "no-double-execution")
}
