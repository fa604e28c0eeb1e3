package report

import (
	"fmt"
	"io"
	"strings"
)

// Markdown writes the facts of [Text] as Markdown, each trace in a code fence. The error is that of w.
func Markdown(w io.Writer, rs ...*Report) error {
	var b strings.Builder
	for i, r := range rs {
		if i > 0 {
			b.WriteByte('\n')
		}
		r.markdown(&b)
	}
	if len(rs) > 1 {
		fmt.Fprint(&b, "\n# What the memory model decides\n\n")
		for _, l := range decides(rs) {
			fmt.Fprintf(&b, "- %s\n", mdText(l))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) markdown(b *strings.Builder) {
	fmt.Fprintf(b, "# %s: %s under %s\n\n%s\n\n", mdText(r.Model), r.Verdict, r.Memory.Title(),
		mdText(r.Summary))
	for _, f := range r.facts(Usual) {
		switch f[0] {
		case "":
			fmt.Fprintf(b, "  - %s\n", mdText(f[1]))
		case "assumed":
			fmt.Fprintf(b, "- assumed:\n  - %s\n", mdText(f[1]))
		default:
			fmt.Fprintf(b, "- %s: %s\n", f[0], mdText(f[1]))
		}
	}
	fmt.Fprint(b, "\n| property | verdict |\n|---|---|\n")
	for _, row := range r.findings() {
		fmt.Fprintf(b, "| %s | %s |\n", mdText(row[0]), mdText(row[1]))
	}
	for _, p := range r.Properties {
		if p.Trace == nil || r.drawnElsewhere(p) {
			continue
		}
		var story strings.Builder
		TraceText(&story, p.Trace.Program, p.Trace)
		fmt.Fprintf(b, "\n## %s\n\n%s", mdText(traceTitle(p.Trace)), fenced(story.String()))
	}
	for _, c := range r.witnessed() {
		fmt.Fprintf(b, "\n## %s\n", mdText(witnessTitle(c)))
		if c.Witness != nil {
			fmt.Fprintf(b, "\n%s", fenced(Mail.columns(c.Witness.Program, c.Witness)))
		}
	}
	if c := r.coverage(); c != nil {
		c.markdown(b)
	}
	fmt.Fprintf(b, "\n%s\n", mdText(r.figures()))
	for _, s := range r.remarks() {
		fmt.Fprintf(b, "\n%s\n", mdText(s))
	}
	if r.search().Checkpoint != "" {
		fmt.Fprintf(b, "\n%s\n", mdText(r.checkpoint()))
	}
	fmt.Fprintf(b, "\n%s", fenced(r.summaryLine()+"\n"))
}

// fenced is a block of code, in a fence longer than any run of backticks in it.
func fenced(code string) string {
	fence := "```"
	for strings.Contains(code, fence) {
		fence += "`"
	}
	return fence + "\n" + code + fence + "\n"
}

// mdText is text that Markdown shows as it is, in one line.
func mdText(s string) string {
	var b strings.Builder
	for _, c := range s {
		switch {
		case c < ' ':
			b.WriteByte(' ')
		case strings.ContainsRune("\\`*_[]<>|&#~$", c):
			b.WriteString("\\" + string(c))
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}
