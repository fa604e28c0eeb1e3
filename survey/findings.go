package survey

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	humanize "github.com/dustin/go-humanize"

	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/report"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// This file writes the page on what each design gets wrong. Everything on it but the sentences of
// this file is what searches found or what package models says of a design, so the page is generated
// and a test compares it with what would be generated.

// pageWidth is that of the page's paragraphs; the runs keep to their own 80 columns.
const pageWidth = 100

// A page is the Markdown under construction, with the runs that it has drawn.
type page struct {
	b       bytes.Buffer
	stories map[string]string // a run's flags and text -> the design under which it stands
}

func (p *page) para(format string, args ...any) {
	fmt.Fprintf(&p.b, "%s\n\n", report.Wrap(fmt.Sprintf(format, args...), pageWidth, ""))
}

func (p *page) item(format string, args ...any) {
	fmt.Fprintln(&p.b, report.Wrap("- "+fmt.Sprintf(format, args...), pageWidth, "  "))
}

// Findings writes the page on some designs. If the context ends before all searches are complete the error is
// [ErrCut] and nothing is written; else it is a fault of a program, or that of w.
func Findings(ctx context.Context, designs []models.Design, w io.Writer) error {
	p := &page{stories: map[string]string{}}
	ds, err := dossiers(ctx, designs)
	if err != nil {
		return err
	}
	proved, err := anyHolds(ctx, designs)
	if err != nil {
		return err
	}
	p.head(ds, proved)
	p.b.WriteString(intro)
	var matrix *Table
	for _, s := range sections {
		t, err := Run(ctx, model.SC, designs, s.configs, s.props)
		if err != nil {
			return err
		}
		if !t.Complete() {
			return ErrCut
		}
		p.b.WriteString(s.head)
		if err := t.markdown(&p.b, linked); err != nil {
			return err
		}
		p.b.WriteByte('\n')
		if s.endless {
			p.wrapping(t)
		}
		if matrix == nil {
			matrix = t
		}
	}
	if err := p.underTSO(ctx, designs, matrix); err != nil {
		return err
	}
	fmt.Fprintf(&p.b, designsHead, len(models.Small()))
	for _, d := range ds {
		p.design(d)
	}
	_, err = w.Write(append(bytes.TrimRight(p.b.Bytes(), "\n"), '\n'))
	return err
}

// head writes what comes before how to read the page. All published designs together have a page of their own,
// which says why there are so many.
func (p *page) head(ds []*dossier, proved map[string][]string) {
	title, what := titleOfSome, whatOfSome
	is := func(do *dossier, d models.Design) bool { return do.design.Name == d.Name }
	if slices.EqualFunc(ds, models.All(), is) {
		title, what = titleOfAll, whatOfAll
	}
	p.b.WriteString(title)
	p.answer(ds, proved)
	p.b.WriteString(what)
}

// linked is a design's name with a link to the section on it.
func linked(d models.Design) string { return fmt.Sprintf("[%s](#%s)", d.Name, d.Name) }

// answer says what the page says, a sentence a design.
func (p *page) answer(ds []*dossier, proved map[string][]string) {
	var hold []string
	for _, do := range ds {
		if len(do.breaches) == 0 {
			hold = append(hold, linked(do.design))
		}
	}
	which, others := "", ""
	if len(hold) > 0 {
		which = ": " + strings.Join(hold, ", ")
	}
	if len(hold) < len(ds) {
		others = " The others do; here with the smallest configuration each."
	}
	p.para("Under sequential consistency %d of %d designs violate no property of the default set in any small "+
		"configuration that they accept%s.%s", len(hold), len(ds), which, others)
	p.proofs(ds, proved)
	for _, do := range ds {
		var flags []string // of the configurations, as they come
		names := map[string][]string{}
		for _, b := range do.breaches {
			f := Flags(b.cells[0].Config)
			if names[f] == nil {
				flags = append(flags, f)
			}
			names[f] = append(names[f], b.property)
		}
		for i, f := range flags {
			flags[i] = fmt.Sprintf("%s with `%s`", strings.Join(names[f], ", "), f)
		}
		if len(flags) > 0 {
			p.item("%s violates %s.", linked(do.design), strings.Join(flags, "; "))
		}
	}
	p.b.WriteString(contents)
}

// design writes the section on one design.
func (p *page) design(do *dossier) {
	d := do.design
	fmt.Fprintf(&p.b, "### %s\n\n", d.Name)
	p.para("*%s*", d.Summary)
	p.item("Source: %s.", d.Source)
	for _, c := range d.Claims {
		p.item("Its author says: %s.", c)
	}
	for _, l := range d.LeftOut {
		p.item("The model: %s.", l)
	}
	p.item("%s", do.extent())
	p.notCounted(do)
	p.b.WriteByte('\n')
	if len(do.breaches) == 0 {
		p.para("**Nothing of the default set is violated** in any of them.")
		return
	}
	var names []string
	for _, b := range do.breaches {
		names = append(names, b.property)
	}
	p.para("**Violated: %s.**", strings.Join(names, ", "))
	for _, told := range do.runs() {
		p.breach(d, told)
	}
}

// runs is the breaches by the run that shows them: the first of each list has the run, the others are
// violated on its way.
func (do *dossier) runs() [][]breach {
	var runs [][]breach
	for _, b := range do.breaches {
		if !slices.ContainsFunc(do.breaches, func(o breach) bool { return o.tells(b) }) {
			runs = append(runs, []breach{b})
		}
	}
	for _, b := range do.breaches {
		if i := slices.IndexFunc(runs, func(r []breach) bool { return r[0].tells(b) }); i >= 0 {
			runs[i] = append(runs[i], b)
		}
	}
	return runs
}

// extent says how much was searched.
func (do *dossier) extent() string {
	var states uint64
	var with, without []string
	for _, c := range do.cells {
		states += c.Result.States
	}
	for _, k := range kinds {
		if slices.ContainsFunc(do.cells, func(c *Cell) bool { return k.in(c.Config) }) {
			with = append(with, k.name)
		} else {
			without = append(without, k.name)
		}
	}
	s := fmt.Sprintf("Searched: %d small configurations, %s states in all, among them %s.",
		len(do.cells), humanize.Comma(int64(states)), strings.Join(with, ", "))
	if len(without) > 0 {
		s += fmt.Sprintf(" It has no answer to %s.", strings.Join(without, ", or "))
	}
	return s
}

// tells reports whether the run of b is the beginning of the run of o, or all of it: then it is shown
// there. Of properties with the same run the first shows it.
func (o breach) tells(b breach) bool {
	if o.property == b.property || o.cells[0] != b.cells[0] {
		return false
	}
	long, short := o.cells[0].trace(o.property), b.cells[0].trace(b.property)
	if long.Loop >= 0 || short.Loop >= 0 || !begins(long, short) {
		return false
	}
	all := o.cells[0].Violations() // in the order of the properties
	at := func(name string) int {
		return slices.IndexFunc(all, func(p verdict.Property) bool { return p.Name == name })
	}
	return len(long.Steps) > len(short.Steps) || at(o.property) < at(b.property)
}

// begins reports whether the long run begins with the short one.
func begins(long, short *trace.Trace) bool {
	if len(short.Steps) > len(long.Steps) {
		return false
	}
	return slices.EqualFunc(long.Steps[:len(short.Steps)], short.Steps,
		func(a, b trace.Step) bool { return a.Transition == b.Transition })
}

// breach writes one run, what it violates, what the review said, and where else to look.
func (p *page) breach(d models.Design, told []breach) {
	b := told[0]
	c := b.cells[0]
	var names []string
	for _, o := range told {
		names = append(names, o.property)
	}
	fmt.Fprintf(&p.b, "#### %s: %s\n\n", d.Name, strings.Join(names, ", "))
	p.para("`%s`", command(c))

	var story strings.Builder
	report.Story(&story, c.Program, c.trace(b.property))
	key := Flags(c.Config) + "\n" + story.String()
	if first := p.stories[key]; first != "" {
		p.para("The run is, word for word, the one that stands under %s.", first)
	} else {
		p.stories[key] = d.Name
		fmt.Fprintf(&p.b, "```\n%s```\n\n", story.String())
	}
	for _, o := range told[1:] {
		t := c.trace(o.property)
		what := fmt.Sprintf("Its first %s violate", report.Steps(t))
		if len(t.Steps) == len(c.trace(b.property).Steps) {
			what = "The same run violates"
		}
		p.item("%s %s: %s", what, o.property, report.Closing(c.Program, t))
	}
	p.review(d, names)
	p.also(told)
	p.b.WriteByte('\n')
}

// also names the other configurations of breaches, one a line.
func (p *page) also(told []breach) {
	var order []*Cell
	says := map[*Cell][]string{}
	notes := map[*Cell][]string{}
	for _, b := range told {
		for _, c := range b.cells[1:] {
			if says[c] == nil {
				order = append(order, c)
			}
			t := c.trace(b.property)
			says[c] = append(says[c], fmt.Sprintf("%s in %s: %s", b.property, report.Steps(t),
				report.Closing(c.Program, t)))
			notes[c] = report.WrapNotes(t)
		}
	}
	for _, c := range order {
		p.item("Also `%s`, %s", command(c), strings.Join(append(says[c], notes[c]...), " "))
	}
}

// review says what is on record about the properties of one run.
func (p *page) review(d models.Design, names []string) {
	if strings.HasPrefix(d.Source, "derived here") {
		p.item("Review: none, the form is derived here.")
		return
	}
	var open []string
	for _, n := range names {
		if note := d.Reviewed[n]; note != "" {
			p.item("Review of %s: %s.", n, note)
		} else {
			open = append(open, n)
		}
	}
	if len(open) > 0 {
		p.item("Review of %s: not recorded in the sources that this project has.",
			strings.Join(open, ", "))
	}
}

func command(c *Cell) string {
	flags := Flags(c.Config)
	if c.Memory != model.SC {
		flags += " --memory " + c.Memory.String()
	}
	return "ctcheck -model " + c.Design.Name + " " + flags
}
