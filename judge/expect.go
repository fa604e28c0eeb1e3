package judge

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"ctcheck/axiom"
	"ctcheck/model"
)

// Expectations is a table of what tests are expected to show: tab-separated, a test a line, with the columns
// named in the first line. The column file names the test, and one with the name of a memory model has the word
// for it: Never, Sometimes or Always for the observation; reachable or unreachable for whether some final state
// satisfies the proposition; validated or "not validated" for the proposition with its quantifier; - where
// nothing is expected. Of a memory model of axioms the columns positive and negative, counts of executions, and
// flags, with commas between them, are looked at too. Other columns are not.
type Expectations struct {
	Name    string // of the table
	columns []string
	words   map[string]map[string]string // by file and column
	dir     string
}

// expected is the words that a table may have for a memory model, with what they say of an outcome.
var expected = map[string]func(o *Outcome) bool{
	Never:           func(o *Outcome) bool { return o.Observation() == Never },
	Sometimes:       func(o *Outcome) bool { return o.Observation() == Sometimes },
	Always:          func(o *Outcome) bool { return o.Observation() == Always },
	"reachable":     func(o *Outcome) bool { return o.Positive > 0 },
	"unreachable":   func(o *Outcome) bool { return o.Positive == 0 },
	"validated":     (*Outcome).OK,
	"not validated": func(o *Outcome) bool { return !o.OK() },
	"-":             func(*Outcome) bool { return true },
	"":              func(*Outcome) bool { return true },
}

// ReadExpectations reads a table; name is its file's. The error names the line that makes no sense.
func ReadExpectations(name string, r io.Reader, memories []model.MemoryModel) (*Expectations, error) {
	e := &Expectations{Name: name, words: map[string]map[string]string{}, dir: filepath.Dir(name)}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		fields := strings.Split(strings.TrimSuffix(lines.Text(), "\r"), "\t")
		if n == 1 {
			if err := e.head(fields, memories); err != nil {
				return nil, err
			}
			continue
		}
		if lines.Text() == "" {
			continue
		}
		if err := e.read(fields, memories); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if e.columns == nil {
		return nil, fmt.Errorf("%s is empty; its first line names the columns: file, and memory models", name)
	}
	return e, nil
}

// head reads the names of the columns.
func (e *Expectations) head(fields []string, memories []model.MemoryModel) error {
	e.columns = fields
	if !slices.Contains(fields, "file") {
		return fmt.Errorf("%s:1: there is no column file; the first line names the columns, with tabs between them",
			e.Name)
	}
	for i, f := range fields {
		if slices.Contains(fields[:i], f) {
			return fmt.Errorf("%s:1: there are two columns %q", e.Name, f)
		}
	}
	var names []string
	for _, mm := range memories {
		names = append(names, mm.String())
		if slices.Contains(fields, mm.String()) {
			return nil
		}
	}
	return fmt.Errorf("%s:1: there is no column %s, so nothing is expected under the memory models asked for",
		e.Name, strings.Join(names, " or "))
}

func (e *Expectations) read(fields []string, memories []model.MemoryModel) error {
	if len(fields) > len(e.columns) {
		return fmt.Errorf("there are %d columns, and the first line names %d", len(fields), len(e.columns))
	}
	row := map[string]string{}
	for i, f := range fields {
		row[e.columns[i]] = f
	}
	file := filepath.Clean(row["file"])
	switch {
	case row["file"] == "":
		return fmt.Errorf("there is no file")
	case e.words[file] != nil:
		return fmt.Errorf("%s has two rows", file)
	}
	for _, mm := range memories {
		if word := row[mm.String()]; expected[word] == nil {
			return fmt.Errorf("found %q in the column %s; there can be Never, Sometimes, Always, reachable, "+
				"unreachable, validated, not validated, or -", word, mm)
		}
	}
	if slices.ContainsFunc(memories, model.MemoryModel.OfAxioms) {
		for _, name := range []string{colPositive, colNegative} {
			if _, err := strconv.ParseUint(row[name], 10, 63); err != nil && known(row[name]) != "" {
				return fmt.Errorf("found %q in the column %s; there can be a number, or -", row[name], name)
			}
		}
	}
	e.words[file] = row
	return nil
}

// The columns that are looked at under memory models of axioms.
const (
	colPositive = "positive"
	colNegative = "negative"
	colFlags    = "flags"
)

// Of is what is expected of an outcome: the word, or nothing.
func (e *Expectations) Of(o *Outcome) string { return known(e.row(o.File)[o.Memory.String()]) }

// Lists reports whether there is a row for a test, by the path of its file.
func (e *Expectations) Lists(file string) bool { return e.row(file) != nil }

// row is that of a test, or nil. The file of a row is below the table's folder, or the end of the test's path;
// of several such rows the longest counts.
func (e *Expectations) row(file string) map[string]string {
	path := filepath.Clean(file)
	if rel, err := filepath.Rel(abs(e.dir), abs(path)); err == nil {
		if row := e.words[rel]; row != nil {
			return row
		}
	}
	for {
		if row := e.words[path]; row != nil {
			return row
		}
		_, rest, ok := strings.Cut(path, string(filepath.Separator))
		if !ok {
			return nil
		}
		path = rest
	}
}

func known(word string) string {
	if word == "-" {
		return ""
	}
	return word
}

// abs is a path from the root, if that is known.
func abs(path string) string {
	if a, err := filepath.Abs(path); err == nil {
		return a
	}
	return path
}

// Disagreement is what of an outcome is not as its row says, as what that expects; empty where it is, or where
// there is no answer or no row. A data race forgives the word: what the model says of a test with one is no
// promise.
func (e *Expectations) Disagreement(o *Outcome) string {
	row := e.row(o.File)
	if row == nil || !o.Known() {
		return ""
	}
	var differ []string
	word := e.Of(o)
	if !expected[word](o) && !slices.Contains(o.Flags, axiom.FlagRace) {
		differ = append(differ, word)
	}
	if o.Memory == model.LKMM && o.Whole {
		for _, c := range []struct {
			name string
			n    int
		}{{colPositive, o.Positive}, {colNegative, o.Negative}} {
			if want := known(row[c.name]); want != "" && want != strconv.Itoa(c.n) {
				differ = append(differ, want+" "+c.name)
			}
		}
		flags, listed := row[colFlags]
		if listed && known(row[colPositive]) != "" && !sameFlags(flags, o.Flags) {
			differ = append(differ, "flags "+flags)
		}
	}
	return strings.Join(differ, ", ")
}

// sameFlags reports whether a table has the flags of the model that an outcome has, in whatever order.
func sameFlags(table string, flags []string) bool {
	var want, got []string
	if known(table) != "" {
		want = strings.Split(table, ",")
	}
	for _, f := range flags {
		if f != Deadlock {
			got = append(got, f)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	return slices.Equal(want, got)
}

// Expects reports whether something is expected of an outcome.
func (e *Expectations) Expects(o *Outcome) bool {
	row := e.row(o.File)
	return e.Of(o) != "" || o.Executed != nil && o.Memory == model.LKMM && row != nil &&
		known(row[colPositive]+row[colNegative]) != ""
}
