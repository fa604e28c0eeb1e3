package command

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
)

// ownLock is a protocol of the test's own: two CPUs that take a lock, which a wrong one takes in two steps.
func ownLock(name string, wrong bool) Protocol {
	return Protocol{Name: name, Summary: "a lock of this test", Source: "own_test.go",
		Build: func() (*model.Program, []*model.Monitor) {
			p := model.New(name)
			lock := p.Shared("lock", model.Bool, model.Int(0))
			inside := p.Ghost("inside", model.UpTo(2), model.Int(0))
			body := func(r *model.Routine) {
				seen := r.LocalOf("seen", lock)
				if wrong {
					r.DoWhile(func() { r.ReadOnce("READ_ONCE(lock)", seen, lock) }, seen.Eq(model.Int(1)))
					r.WriteOnce("WRITE_ONCE(lock, 1)", lock, model.Int(1))
				} else {
					r.DoWhile(func() { r.Xchg("xchg(&lock, 1)", seen, lock, model.Int(1)) }, seen.Eq(model.Int(1)))
				}
				r.Set(inside, inside.Add(model.Int(1)))
				r.Pause("/* critical section */")
				r.Set(inside, inside.Sub(model.Int(1)))
				r.StoreRelease("smp_store_release(&lock, 0)", lock, model.Int(0))
			}
			for _, cpu := range []string{"CPU0", "CPU1"} {
				p.CPU(cpu).Run(p.Routine("worker", body))
			}
			return p, []*model.Monitor{props.Always("exclusion", inside.Le(model.Int(1)))}
		}}
}

// mine is what somebody may have of their own: two locks, and a published design under another name.
func mine() Own {
	d, _ := models.Find("peterz")
	d.Name, d.Summary = "next-version", "peterz, posted again"
	return Own{Designs: []models.Design{d},
		Protocols: []Protocol{ownLock("good-lock", false), ownLock("bad-lock", true)}}
}

func callOwn(own Own, args string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = Run(context.Background(), own, strings.Fields(args), &out, &errs)
	return status, out.String(), signsOfLife.ReplaceAllString(errs.String(), "")
}

func TestOwnProtocols(t *testing.T) {
	for _, row := range []struct {
		args   string
		status int
		want   string
	}{
		{"-model good-lock", exitHolds, "good-lock: HOLDS"},
		{"-model bad-lock", exitViolated, "bad-lock: VIOLATED under sc: exclusion"},
		{"-model bad-lock --props none", exitHolds, "bad-lock: HOLDS"},
		{"-model bad-lock --props no-deadlock", exitHolds, "bad-lock: HOLDS"},
		{"-model bad-lock --props no-deadlock,exclusion", exitViolated, "under sc: exclusion"},
		{"-model bad-lock --props exclusion --format json", exitViolated, `"exclusion"`},
		{"-model good-lock --memory tso --reduce none", exitHolds, "good-lock: HOLDS under tso"},
		{"weaken -model good-lock --memory sc", exitHolds, "needed: breaks exclusion"},
		{"list", exitHolds, "bad-lock"},
		{"-model next-version", exitViolated, "next-version: VIOLATED under sc: no-double-execution"},
		{"matrix --configs 2", exitHolds, "next-version  D\n"},
		{"matrix --configs 2 --designs next-version,valentin", exitHolds, "valentin      holds\n"},
		{"weaken -model next-version --configs 1 --memory sc", exitHolds, "next-version"},
		{"__complete -model ne", exitHolds, "next-version"},
	} {
		status, out, errs := callOwn(mine(), row.args)
		if strings.HasPrefix(row.args, "__") {
			errs = ""
		}
		if status != row.status || !strings.Contains(out, row.want) || errs != "" {
			t.Errorf("%s: status %d, want %d; no %q in\n%s%s", row.args, status, row.status, row.want, out, errs)
		}
	}
	if _, out, _ := callOwn(mine(), "matrix --configs 2"); strings.Contains(out, "valentin") {
		t.Errorf("the matrix has published designs, without being asked:\n%s", out)
	}
	_, built, _ := callOwn(Own{}, "-model peterz --format json")
	_, own, _ := callOwn(mine(), "-model next-version --format json")
	if cut(own) != cut(strings.ReplaceAll(strings.ReplaceAll(built, `"peterz"`, `"next-version"`),
		"a sequence word with a WORK flag, the work in a mask beside it", "peterz, posted again")) {
		t.Errorf("a design of one's own is\n%s\nand built in\n%s", own, built)
	}
}

// cut is a report in JSON without what differs from run to run.
func cut(report string) string {
	var kept []string
	for line := range strings.Lines(report) {
		if !strings.Contains(line, `"seconds"`) && !strings.Contains(line, `econd`) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// The page of findings on designs of one's own speaks of no others.
func TestOwnFindings(t *testing.T) {
	if testing.Short() {
		t.Skip("many searches, which take long under the race detector")
	}
	status, out, errs := callOwn(mine(), "findings --progress none")
	if status != exitHolds || errs != "" || !strings.HasPrefix(out, "# What these designs get wrong") ||
		!strings.Contains(out, "[next-version](#next-version) violates") || strings.Contains(out, "valentin") ||
		strings.Contains(out, "Since 2021") {
		t.Errorf("status %d, %s\n%s", status, errs, out)
	}
}

func TestOwnMistakes(t *testing.T) {
	design := func(name string) Own {
		return Own{Designs: []models.Design{{Name: name, Build: mine().Designs[0].Build}}}
	}
	nothing := func() (*model.Program, []*model.Monitor) { return nil, nil }
	for _, row := range []struct {
		own        Own
		args, want string
	}{
		{design(""), "list", "has no name"},
		{design("a,b"), "list", "one word"},
		{design("a.c"), "list", "one word"},
		{design("a.litmus"), "list", "one word"},
		{design("peterz"), "list", `two protocols are named "peterz"`},
		{Own{Designs: []models.Design{{Name: "empty"}}}, "list", "the protocol empty has no Build"},
		{Own{Protocols: []Protocol{{Name: "empty"}}}, "list", "the protocol empty has no Build"},
		{Own{Protocols: []Protocol{ownLock("x", true), ownLock("x", true)}}, "list", `two protocols are named "x"`},
		{Own{Protocols: []Protocol{{Name: "nil", Build: nothing}}}, "-model nil", "makes no program"},
		{mine(), "-model bad-lock --setters 3", "--setters is about deferral designs; bad-lock says itself"},
		{mine(), "weaken -model bad-lock --configs 1", "--configs is about deferral designs; bad-lock says itself"},
		{mine(), "-model bad-lock --props excluson", "excluson"},
		{mine(), "-model bad-lock --props exclusion,exclusion", "given twice"},
		{mine(), "-model bad-lock --props no-late-work", "no target CPU"},
		{mine(), "-model bad-lok", "did you mean bad-lock"},
		{mine(), "matrix --designs bad-lock", "bad-lock is no deferral design"},
	} {
		status, out, errs := callOwn(row.own, row.args)
		if status != exitBadCall || out != "" || !strings.Contains(errs, row.want) ||
			strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: status %d, stdout %q, stderr %q; want 2, nothing, one line with %q", row.args, status,
				out, errs, row.want)
		}
	}
}
