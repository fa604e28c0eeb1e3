package command

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/props"
)

func TestAnySetters(t *testing.T) {
	if testing.Short() {
		t.Skip("many searches, which take long under the race detector")
	}
	for _, row := range []struct {
		args   string
		status int
		want   []string
	}{
		{"-model valentin --setters any", exitHolds, []string{"valentin: HOLDS under sc, for any number of setters",
			"no-lost-work                                 holds on states; its claims on",
			"not decided: a claim on whole", "setters=any works=2 nmi=0", "views of", "it alone is for WORK_0",
			"setters=any views="}},
		{"-model valentin-v7 --setters any --works 1 --nmi 2 --nmi-depth 2 --memory tso", exitHolds, []string{
			"all requests are for WORK_0", "any number of NMIs hit it, 2 on", "x86-TSO"}},
		{"-model peterz --setters any", exitViolated, []string{"VIOLATED with 1 setter, in 1",
			"ctcheck replay -model peterz --setters any:1 --run ", "the count in ct->seq does not come round"}},
		{"-model peterz --setters any --works 1 --nmi 1", exitViolated, []string{"--setters any:1:1 "}},
		{"-model peterz --setters any --props no-needless-ipi", exitViolated, []string{"VIOLATED with 2 setters"}},
		{"-model luto --setters any --props no-warn --format md", exitHolds, []string{"| no-warn | holds |"}},
		{"-model luto --setters any --props no-warn --brief", exitHolds, []string{"views in"}},
		{"-model valentin --setters any:2", exitHolds, []string{"setters=any:2", "terminates"}},
		{"-model valentin --setters any:2:1", exitHolds, []string{"each setter makes at most 1 requests"}},
		{"matrix --designs luto,frederic-csd --configs 1,any", exitHolds, []string{"holds  refused",
			"Refused: frederic-csd: ", "views in all"}},
		{"matrix --designs luto --configs any --props terminates", exitHolds, []string{"luto    refused",
			"none of the properties asked for"}},
		{"-model valentin --setters any --timeout 1ns", exitIncomplete, []string{"not decided: cut by timeout"}},
		{"-model frederic-csd --setters any", exitBadCall, []string{"CPUx2 and CPUx3 are not alike"}},
		{"-model valentin --setters any --props terminates", exitBadCall, []string{
			"terminates is a claim on whole runs"}},
		{"-model valentin --setters any --props no-data-race", exitBadCall, []string{"no access is plain"}},
		{"-model tlb-v6 --setters any --props no-data-race", exitBadCall, []string{"a claim over two CPUs"}},
		{"-model valentin --setters any --rounds 2", exitBadCall, []string{"rounds has no meaning"}},
		{"-model valentin --setters any --requests 2", exitBadCall, []string{"requests has no meaning"}},
		{"-model valentin --setters any --self", exitBadCall, []string{"self has no meaning"}},
		{"-model valentin --setters any --first", exitBadCall, []string{"--first is of one search", "any:2"}},
		{"-model valentin --setters any --store bitstate", exitBadCall, []string{"--store is of one search"}},
		{"-model valentin --setters any --format states", exitBadCall, []string{"a state graph is of one program"}},
		{"-model valentin --setters many", exitBadCall, []string{`it is "many"; it can be a number, any, any:N`}},
		{"-model valentin --setters any:0", exitBadCall, []string{"setters is 0; it can be 1 to 8"}},
		{"-model valentin --setters any:2:9", exitBadCall, []string{"1 to 8 requests"}},
		{"-model valentin --setters any:2:1:1", exitBadCall, []string{"it can be a number"}},
		{"-model valentin --setters any:", exitBadCall, []string{"it can be a number"}},
		{"-model bench-valentin --setters any", exitBadCall, []string{"leave the rest as it is"}},
		{"explore -model valentin --setters any", exitBadCall, []string{"explore looks at one program", "any:2"}},
		{"simulate -model valentin --setters any", exitBadCall, []string{"simulate looks at one program"}},
		{"weaken -model valentin --configs any", exitBadCall, []string{"any"}},
		{"-model examples/ticket_lock.c --setters any", exitBadCall, []string{"--setters"}},
	} {
		status, out, errs := callMain(strings.Fields(strings.ReplaceAll(row.args, "examples/", "../examples/"))...)
		if status != row.status {
			t.Errorf("ctcheck %s: status %d, want %d\n%s%s", row.args, status, row.status, out, errs)
		}
		for _, want := range row.want {
			if !strings.Contains(out+errs, want) {
				t.Errorf("ctcheck %s does not say %q:\n%s%s", row.args, want, out, errs)
			}
		}
	}
}

// Each run of each design is drawn again by the call that stands below it, and violates what it did.
func TestRunsOfAny(t *testing.T) {
	if testing.Short() {
		t.Skip("every run of every design takes long under the race detector")
	}
	call := regexp.MustCompile(`(?m)^   ctcheck (replay -model \S+.* --run \S+)$`)
	runs := 0
	for _, d := range models.All() {
		for _, c := range []string{"--works 2", "--works 1 --nmi 1"} {
			args := "-model " + d.Name + " --setters any --props all " + c
			status, out, errs := callMain(strings.Fields(args)...)
			if d.Name == "frederic-csd" {
				continue
			}
			if status != exitViolated && status != exitHolds {
				t.Fatalf("ctcheck %s: %d %s", args, status, errs)
			}
			for _, m := range call.FindAllStringSubmatch(out, -1) {
				runs++
				if status, out, errs := callMain(strings.Fields(m[1])...); status != exitViolated {
					t.Errorf("ctcheck %s: status %d\n%s%s", m[1], status, out, errs)
				}
			}
		}
	}
	if runs < 60 {
		t.Errorf("only %d runs", runs)
	}
}

func TestAnyInJSON(t *testing.T) {
	_, out, _ := callMain("-model", "peterz", "--setters", "any", "--format", "json")
	var r struct {
		Schema int
		Config struct{ Setters any }
		Any    *struct {
			Views uint64
			Exact int
			Left  map[string]string
		}
		Properties []struct {
			Name, Verdict, Instance string
			Setters                 int
		}
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if r.Schema != 2 || r.Config.Setters != "any" || r.Any == nil || r.Any.Views == 0 || r.Any.Exact != 1 ||
		r.Any.Left["terminates"] == "" || r.Any.Left["no-lost-work"] == "" {
		t.Errorf("%+v", r)
	}
	if p := r.Properties[0]; p.Verdict != "violated" || p.Setters != 1 || p.Instance != "any:1" {
		t.Errorf("%+v", p)
	}
}

// A protocol of one's own may be a family.
func TestOwnFamily(t *testing.T) {
	family := func(torn bool) func(n int) (*model.Program, []*model.Monitor) {
		return func(n int) (*model.Program, []*model.Monitor) {
			p := model.New("lock")
			lock := p.Shared("lock", model.Bool, model.Int(0))
			inside := p.Ghost("inside", model.UpTo(2), model.Int(0))
			for i := range n {
				c := p.CPU("CPU" + string(rune('0'+i)))
				c.Run(p.Routine(c.Name, func(r *model.Routine) {
					seen := r.LocalOf("seen", lock)
					r.Forever(func() {
						if torn {
							r.ReadOnce("READ_ONCE(lock)", seen, lock)
							r.If(seen.IsZero(), func() { r.WriteOnce("lock = 1", lock, model.Int(1)) })
						} else {
							r.Xchg("xchg(&lock, 1)", seen, lock, model.Int(1))
						}
						r.If(seen.IsZero(), func() {
							r.If(inside.Lt(model.Int(2)), func() { r.Set(inside, inside.Add(model.Int(1))) })
							r.Pause("/* critical section */")
							r.If(inside.NonZero(), func() { r.Set(inside, inside.Sub(model.Int(1))) })
							r.StoreRelease("smp_store_release(&lock, 0)", lock, model.Int(0))
						})
					})
				}))
				p.Replicated = append(p.Replicated, c)
			}
			return p, []*model.Monitor{props.Always("exclusion", inside.Le(model.Int(1)))}
		}
	}
	protocol := func(name string, torn bool) Protocol {
		return Protocol{Name: name, Family: family(torn), Build: func() (*model.Program, []*model.Monitor) {
			return family(torn)(2)
		}}
	}
	own := Own{Protocols: []Protocol{protocol("good-locks", false), protocol("bad-locks", true),
		ownLock("one-lock", false)}}
	for _, row := range []struct {
		args   string
		status int
		want   string
	}{
		{"-model good-locks", exitHolds, "good-locks: HOLDS under sc\n"},
		{"-model good-locks --setters any", exitHolds, "HOLDS under sc, for any number of replicas"},
		{"-model good-locks --setters 3", exitHolds, "setters=3"},
		{"-model bad-locks --setters any", exitViolated, "exclusion    VIOLATED with 2 replicas"},
		{"-model bad-locks --setters any", exitViolated, "replay -model bad-locks --setters 2 --run"},
		{"-model good-locks --works 2", exitBadCall, "--works is about deferral designs"},
		{"-model one-lock --setters any", exitBadCall, "--setters is about deferral designs"},
		{"explore -model good-locks --setters any", exitBadCall, "explore looks at one program"},
	} {
		status, out, errs := callOwn(own, row.args)
		if status != row.status || !strings.Contains(out+errs, row.want) {
			t.Errorf("%s: status %d, want %d and %q:\n%s%s", row.args, status, row.status, row.want, out, errs)
		}
	}
}

// A design in C has with any number of setters the verdicts of the same design in Go.
func TestAnyInC(t *testing.T) {
	if testing.Short() {
		t.Skip("many searches, which take long under the race detector")
	}
	type verdicts struct {
		Verdict    string
		Properties []struct {
			Name, Verdict string
			Setters       int
		}
	}
	of := func(args string) (v verdicts) {
		_, out, errs := callMain(strings.Fields(args + " --setters any --format json")...)
		if err := json.Unmarshal([]byte(out), &v); err != nil {
			t.Fatalf("ctcheck %s: %v %s", args, err, errs)
		}
		return v
	}
	for _, row := range [][2]string{{"valentin.c", "valentin"}, {"rfc-v1-11-of-14.c", "valentin"},
		{"luto.c", "luto"}, {"off.c", "off"}, {"frederic-fixed.c", "frederic-fixed"}} {
		for _, c := range []string{" --works 2", " --works 1 --nmi 1", " --works 3 --memory tso"} {
			inC, inGo := of("-model ../testdata/c/"+row[0]+c), of("-model "+row[1]+c)
			if !reflect.DeepEqual(inC, inGo) || len(inC.Properties) < 5 {
				t.Errorf("%s%s: %+v, in Go %+v", row[0], c, inC, inGo)
			}
		}
	}
}
