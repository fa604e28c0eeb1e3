package survey

import (
	"context"
	"fmt"
	"slices"
	"strings"

	humanize "github.com/dustin/go-humanize"

	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/verdict"
)

// This file says what cells with any number of setters leave open.

// anyNotes is that, a sentence each.
func (t *Table) anyNotes() (notes []string) {
	var left, refused []string
	views := uint64(0)
	why := map[string]string{}
	for _, c := range slices.Concat(t.Cells...) {
		if c.Refused != "" && why[c.Design.Name] == "" {
			why[c.Design.Name] = c.Refused
			refused = append(refused, c.Design.Name)
		}
		if c.Result == nil || c.Result.Any == nil {
			continue
		}
		views += c.Result.Any.Views
		for _, l := range c.Result.Any.Left {
			text := l.Name + ", " + l.Why + ", is not decided"
			if c.Result.Decides(l.Name) {
				text = "of " + l.Name + " " + l.Why
			}
			if !slices.Contains(left, text) {
				left = append(left, text)
			}
		}
	}
	if views > 0 {
		left = append([]string{humanize.Comma(int64(views)) + " views in all"}, left...)
		notes = append(notes, fmt.Sprintf("With any number of setters: %s.", strings.Join(left, "; ")))
	}
	for _, name := range refused {
		notes = append(notes, fmt.Sprintf("Refused: %s: %s.", name, why[name]))
	}
	return notes
}

// anyHolds is, by the key of each configuration with any number of setters, the designs that hold in it.
func anyHolds(ctx context.Context, designs []models.Design) (map[string][]string, error) {
	t, err := Run(ctx, model.SC, designs, models.AnySetters(), DefaultProps())
	if err != nil {
		return nil, err
	}
	if !t.Complete() {
		return nil, ErrCut
	}
	holds := map[string][]string{}
	for _, row := range t.Cells {
		for i, c := range row {
			if c.Result != nil && c.Result.Verdict == verdict.Holds {
				holds[t.Configs[i].Key] = append(holds[t.Configs[i].Key], c.Design.Name)
			}
		}
	}
	return holds, nil
}

// proofs says which designs are proved for any number of setters, with own bits and with one bit.
func (p *page) proofs(ds []*dossier, holds map[string][]string) {
	in := func(keys ...string) (names []string) {
		for _, do := range ds {
			fails := func(k string) bool { return !slices.Contains(holds[k], do.design.Name) }
			if !slices.ContainsFunc(keys, fails) {
				names = append(names, linked(do.design))
			}
		}
		return names
	}
	cs := models.AnySetters()
	without, with := in(cs[0].Key, cs[2].Key), in(cs[0].Key, cs[1].Key, cs[2].Key, cs[3].Key)
	if len(without) == 0 {
		return
	}
	nmis := "none of them also for any number of NMIs"
	if len(with) > 0 {
		nmis = "also for any number of NMIs, one at a time: " + strings.Join(with, ", ")
	}
	p.para("[For any number of setters](#any-number-of-setters) these are proved to violate none of what is "+
		"decided there: %s; %s.", strings.Join(without, ", "), nmis)
}
