package cfront

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"ctcheck/deferral"
	"ctcheck/model"
	"ctcheck/models"
)

// A Source is the text of a C file.
type Source struct {
	Name string // for places, and for the folder in which "" includes are looked for
	Text []byte
}

// Options say how files are read.
type Options struct {
	Defines  []string // macros, NAME or NAME=VALUE
	Includes []string // folders in which headers are looked for, before the stand-ins
	// Read reads a header by the name of its file. Nil: from the disk.
	Read func(name string) ([]byte, error)
}

// A File is a protocol in C, in one or more files that are one translation unit. Its methods may be called by
// several goroutines.
type File struct {
	name     string
	sources  []Source
	options  Options
	defined  string
	deferral bool
	first    *unit

	mu    sync.Mutex
	kept  []keptUnit
	facts map[string]*facts // by configuration
	made  map[*model.Var]holder
}

// A keptUnit is what was parsed for a configuration.
type keptUnit struct {
	defines string
	unit    *unit
}

// A holder is where a variable of a program has its range from.
type holder struct {
	facts *facts
	key   string
}

var isMacro = regexp.MustCompile(`^[A-Za-z_]\w*(\([\w, .]*\))?$`)

// Load parses the files. The error is of [Errors], one for each place, or says which option makes no sense.
func Load(sources []Source, o Options) (*File, error) {
	if len(sources) == 0 {
		return nil, fmt.Errorf("there is no C file")
	}
	if o.Read == nil {
		o.Read = readDisk
	}
	f := &File{name: stem(sources[0].Name), sources: sources, options: o, facts: map[string]*facts{},
		made: map[*model.Var]holder{}}
	for _, d := range o.Defines {
		name, value, ok := strings.Cut(d, "=")
		if !ok {
			value = "1"
		}
		if !isMacro.MatchString(name) || strings.ContainsAny(value, "\n\r\x00") {
			return nil, fmt.Errorf("-D %s: it is not of the form NAME or NAME=VALUE", d)
		}
		f.defined += fmt.Sprintf("#define %s %s\n", name, value)
	}
	u, err := f.parse(f.defined + defaults())
	if err != nil {
		return nil, err
	}
	f.first, f.deferral = u, u.roles != nil
	f.kept = []keptUnit{{defaults(), u}}
	if f.deferral && len(u.blocks) > 0 {
		u.note(posOf(u.blocks[0].def),
			"a deferral design has its CPUs already; leave CTCHECK_CPU and its kin out, or "+
				"CTCHECK_DEFERRAL")
	} else if !f.deferral && !slices.ContainsFunc(u.blocks, func(b *block) bool { return b.kind == "cpu" }) {
		u.note(Pos{File: sources[0].Name, Line: 1, Col: 1}, "the file does not say what is to be checked: "+
			"CTCHECK_DEFERRAL(...) names the roles of a deferral design, CTCHECK_CPU(CPU0) { ... } what a CPU runs")
	}
	return f, u.err()
}

// Name is the name of the protocol: that of its first file, without folder and ending.
func (f *File) Name() string { return f.name }

// Sources is the names of the files.
func (f *File) Sources() (names []string) {
	for _, s := range f.sources {
		names = append(names, s.Name)
	}
	return names
}

// IsDeferral reports whether the file is a deferral design, for [File.Design]; otherwise it is one for
// [File.Program].
func (f *File) IsDeferral() bool { return f.deferral }

// mostPasses bounds how often a program is lowered until nothing new is found. Each pass but the last finds a fact,
// of which there are finitely many; so many are a fault of the lowering or a hostile input.
const mostPasses = 400

// program lowers with the facts of a configuration until nothing new is found, and then once more into the program
// that is wanted. scratch makes one that is thrown away.
func (f *File) program(defines string, scratch func() *model.Program, into *model.Program,
	lower func(l *lowering)) (err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer func() {
		if r := recover(); r != nil { // no panic reaches a user
			err = fmt.Errorf("checker fault: %s cannot be lowered: %v", f.sources[0].Name, r)
		}
	}()
	u, err := f.unit(defines)
	if err != nil {
		return err
	}
	fa := f.facts[defines]
	if fa == nil {
		fa = newFacts()
		f.facts[defines] = fa
	}
	for range mostPasses {
		fa.dirty = false
		l := newLowering(u, fa, scratch())
		l.run(lower)
		if fa.dirty {
			continue
		}
		if err := l.err(); err != nil {
			return err
		}
		l = newLowering(u, fa, into)
		l.run(lower)
		maps.Copy(f.made, l.holders)
		if n := inlined(into); l.err() == nil && n > mostInlined {
			return fmt.Errorf("%s: calls are inlined, which makes %d statements of the file; the most is %d",
				f.sources[0].Name, n, mostInlined)
		}
		return l.err()
	}
	return fmt.Errorf("%s: the ranges of variables are not found in %d passes; give some with __ct_bits(n)",
		f.sources[0].Name, mostPasses)
}

// mostInlined is how many statements there may be when all calls are inlined.
const mostInlined = 1_000_000

// inlined is how many statements a program has then; no more than about twice the most are counted.
func inlined(p *model.Program) int {
	sizes := map[*model.Routine]int{}
	var list func(stmts []*model.Stmt) int
	size := func(r *model.Routine) int {
		if r == nil {
			return 0
		}
		if _, known := sizes[r]; !known {
			sizes[r] = list(r.Body)
		}
		return sizes[r]
	}
	list = func(stmts []*model.Stmt) (n int) {
		for _, s := range stmts {
			n += 1 + size(s.Call) + list(s.Body) + list(s.Else)
			for _, a := range s.Alts {
				n += list(a.Body)
			}
			n = min(n, 2*mostInlined)
		}
		return n
	}
	n := 0
	for _, c := range p.CPUs {
		n += size(c.Main) + size(c.NMI)
		for _, i := range c.IPIs {
			n += size(i.Handler)
		}
	}
	return n
}

// mostKept is how many parsed units are kept: a survey asks for a configuration several times in a row.
const mostKept = 16

// unit is the files as they are in a configuration.
func (f *File) unit(defines string) (*unit, error) {
	for _, k := range f.kept {
		if k.defines == defines {
			k.unit.errors = nil
			return k.unit, nil
		}
	}
	u, err := f.parse(f.defined + defines)
	if err != nil {
		return nil, err
	}
	if len(f.kept) == mostKept {
		f.kept = slices.Delete(f.kept, 0, 1)
	}
	f.kept = append(f.kept, keptUnit{defines, u})
	return u, nil
}

// Program is a protocol that says itself what CPUs run. The error is of [Errors].
func (f *File) Program() (*model.Program, error) {
	scratch := func() *model.Program { return model.New(f.name) }
	p := scratch()
	return p, f.program(f.protocolDefines(), scratch, p, (*lowering).protocol)
}

// Design is a deferral design as the built-in ones are. Its programs are built by [models.Design.Program]; what is
// wrong with the C in some configuration is a fault of the program.
func (f *File) Design() models.Design {
	ro := f.first.roles
	return models.Design{
		Name:    f.name,
		Summary: "a deferral design in C",
		Source:  strings.Join(f.Sources(), ", "),
		Knows: models.Knows{Contexts: ro.has("idle_enter") || ro.has("guest_enter"),
			Active: ro.flag("knows_active"), Masks: ro.flag("knows_masks"), Urgent: ro.flag("knows_urgent")},
		Widen: f.Widen,
		Build: func(p *model.Program, c models.Config) {
			scratch := func() *model.Program {
				q := model.New(f.name)
				deferral.New(q, c.Works)
				return q
			}
			err := f.program(configDefines(c), scratch, p, func(l *lowering) { l.design(c) })
			if err != nil {
				p.Refuse("%v", err)
			}
		},
	}
}

// Widen makes room for a value in a variable of a program that the file made: the next program will have it. The
// error says why it cannot: the range is that of a declaration, or a counter seems to count for ever.
func (f *File) Widen(v *model.Var, value int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	h, known := f.made[v]
	if !known {
		return fmt.Errorf("%s has a range of its own", v.Name)
	}
	return h.facts.widen(h.key, v, value)
}
