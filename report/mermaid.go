package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"ctcheck/ir"
)

// Mermaid writes a sequence diagram of every trace, one after the other in one diagram: a lifeline for
// each CPU that steps, a note for each statement, an arrow from where an IPI was sent to where it arrives,
// and a handler as an activation of its CPU. The error is that of w.
func Mermaid(w io.Writer, rs ...*Report) error {
	d := &mermaid{id: map[string]string{}}
	d.line("sequenceDiagram")
	for _, r := range rs {
		for _, sc := range r.scenes() {
			for _, c := range sc.cpus {
				d.participant(c.Name)
			}
		}
	}
	if len(d.id) == 0 { // notes need a lifeline
		d.participant("ctcheck")
	}
	for _, r := range rs {
		d.noteAcross(append([]string{r.headline()}, r.remarks()...)...)
		for _, sc := range r.scenes() {
			d.scene(sc)
		}
	}
	if len(rs) > 1 {
		d.noteAcross(append([]string{"what the memory model decides:"}, decides(rs)...)...)
	}
	_, err := io.WriteString(w, d.b.String())
	return err
}

type mermaid struct {
	b      strings.Builder
	id     map[string]string // of the CPUs, by their names
	indent string
}

func (d *mermaid) line(format string, args ...any) {
	d.b.WriteString(d.indent + fmt.Sprintf(format, args...) + "\n")
	d.indent = "    "
}

func (d *mermaid) participant(name string) {
	if d.id[name] == "" {
		d.id[name] = "c" + strconv.Itoa(len(d.id))
		d.line("participant %s as %s", d.id[name], mermaidText(name))
	}
}

// acrossWidth is the columns of text that fit between two lifelines.
const acrossWidth = 48

// noteAcross is a note over all lifelines.
func (d *mermaid) noteAcross(lines ...string) {
	over := "c0"
	if n := len(d.id); n > 1 {
		over += ",c" + strconv.Itoa(n-1)
	}
	var broken []string // Mermaid makes such a note no wider than the lifelines are apart
	for _, l := range lines {
		broken = append(broken, strings.Split(Wrap(l, acrossWidth, "  "), "\n")...)
	}
	d.line("Note over %s: %s", over, mermaidText(broken...))
}

func (d *mermaid) scene(sc scene) {
	d.noteAcross(sc.title)
	if sc.start != "" {
		d.noteAcross(sc.start)
	}
	active := map[string]int{}
	for n, b := range sc.beats {
		if n == sc.loop {
			d.line("loop for ever")
		}
		id, text := d.id[b.cpu.Name], mermaidText(b.lines(n)...)
		switch {
		case b.kind == ir.PushIPI && b.cause >= 0:
			d.line("%s-)%s: %s", d.id[sc.beats[b.cause].cpu.Name], id, text)
		case b.kind == ir.Flush: // nobody's statement: it happens beside what the CPU does
			d.line("Note right of %s: %s", id, text)
		default:
			d.line("Note over %s: %s", id, text)
		}
		if b.pushes() {
			d.line("activate %s", id)
			active[id]++
		}
		for range b.pops {
			d.line("deactivate %s", id)
			active[id]--
		}
	}
	if sc.loop >= 0 {
		d.line("end")
	}
	for _, c := range sc.cpus { // an activation is drawn only if it ends
		for id := d.id[c.Name]; active[id] > 0; active[id]-- {
			d.line("deactivate %s", id)
		}
	}
	d.line("rect rgb(255, 214, 214)") // what the run shows, on red
	d.noteAcross(sc.end...)
	d.line("end")
}

// mermaidText is lines of text that Mermaid shows as they are: what could end a statement, begin a
// comment, an entity or a tag, or be read as markup, is written as an entity.
func mermaidText(lines ...string) string {
	var b strings.Builder
	for i, l := range lines {
		if i > 0 {
			b.WriteString("<br/>")
		}
		for _, c := range l {
			switch {
			case blank(c):
				b.WriteByte(' ')
			case strings.ContainsRune("#;:<>\"'%&@{}\\`$", c):
				fmt.Fprintf(&b, "#%d;", c)
			default:
				b.WriteRune(c)
			}
		}
	}
	return b.String()
}
