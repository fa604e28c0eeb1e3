package report_test

import (
	"path/filepath"
	"strings"
	"testing"

	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/report"
)

// Each design as text has every statement on shared memory, each routine's head once for each text that it has, and
// brackets that match.
func TestShow(t *testing.T) {
	for _, d := range models.All() {
		p, err := d.Program(models.DefaultConfig())
		if err != nil {
			t.Fatal(err)
		}
		show := func(claims bool) string {
			var b strings.Builder
			s := &report.Shown{Model: d.Name, Summary: d.Summary, Source: d.Source, Program: p, Claims: claims}
			if err := report.Mail.Show(&b, s); err != nil {
				t.Fatal(err)
			}
			return b.String()
		}
		text, all := show(false), show(true)
		for s := range p.Statements() {
			if s.Kind == model.StmtAccess && !strings.Contains(text, s.Label) {
				t.Errorf("%s: the text does not have %s", d.Name, s.Label)
			}
		}
		for name, text := range map[string]string{"": text, " with claims": all} {
			if strings.Count(text, "{") != strings.Count(text, "}") {
				t.Errorf("%s%s: brackets that do not match:\n%s", d.Name, name, text)
			}
		}
		const event = "/* completed */" // of a request, which no kernel notices
		if strings.Contains(text, event) || !strings.Contains(all, event) {
			t.Errorf("%s: what is for claims only is there when it is not asked for, or is not", d.Name)
		}
		if d.Name == "valentin-v7" {
			golden(t, filepath.Join("reports", "show.txt"), []byte(text))
		}
	}
}

// An address is not shown as the number that it is.
func TestShowAddresses(t *testing.T) {
	p := model.New("list")
	node := p.Struct("node", 2)
	next := node.Field("next", node.Pointer(), model.Null)
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		r.WriteOnce("WRITE_ONCE(node[0].next, &node[1])", next.Of(node.Address(model.Int(0))),
			node.Address(model.Int(1)))
	}))
	var b strings.Builder
	if err := report.Mail.Show(&b, &report.Shown{Model: p.Name, Summary: "a list", Program: p}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), " = NULL;  /* an address */\n") {
		t.Error(b.String())
	}
}
