package cfront

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"modernc.org/cc/v4"
)

// This file parses C.

// A unit is the files of a protocol as one translation unit, parsed with the macros of one configuration.
type unit struct {
	*diagnosis
	ast       *cc.AST
	files     []Source
	texts     map[string][]byte
	functions map[string]*cc.FunctionDefinition
	order     []*cc.FunctionDefinition // as they are defined
	globals   []*global                // in the order of their first declaration
	byName    map[string]*global
	kinds     map[cc.Kind]cc.Type       // unsigned integers
	statics   map[*cc.Declarator]string // names of static locals as globals
	fields    map[*cc.Declarator]marks
	taken     map[string]bool // functions that a pointer may point to; nil before it is asked
	roles     *roles          // of a deferral design
	blocks    []*block
	claims    []*claim
	args      map[string]string // of blocks and claims, by their numbers
}

// A global is a variable with static storage, which may have several declarations.
type global struct {
	name  string
	t     cc.Type
	init  *cc.Initializer
	marks marks
	at    cc.Node
}

var theABI, abiErr = cc.NewABI("linux", "amd64")

// prelude is what a compiler defines by itself.
const prelude = `
typedef unsigned long size_t;
typedef long ptrdiff_t;
typedef int wchar_t;
typedef unsigned long __predefined_size_t;
typedef long __predefined_ptrdiff_t;
typedef int __predefined_wchar_t;
int __predefined_declarator;
unsigned char __ct_kind1;
unsigned short __ct_kind2;
unsigned int __ct_kind4;
unsigned long __ct_kind8;
#define __CTCHECK__ 1
#define CONFIG_SMP 1
#define __SIZE_TYPE__ unsigned long
#define __STDC_VERSION__ 201112L
#define __builtin_expect(x, y) (x)
#define __builtin_constant_p(x) 0
#define __builtin_offsetof(type, member) ((unsigned long)&((type *)0)->member)
#define __extension__
#define __volatile__ volatile
#define __inline__ inline
#define __inline inline
`

// ending is the name of what stands behind the files: where a file ends in the middle of something, the parser
// looks for the end of it, and has to find one, since it looks for ever where there is no more to read.
const (
	ending     = "<end>"
	afterwards = "extern int __ct_end[1];\n"
)

// mostWork bounds the expansion of macros.
const mostWork = 1 << 20

// parse parses the files; defines is lines of the form #define NAME VALUE.
func (f *File) parse(defines string) (u *unit, err error) {
	if abiErr != nil {
		return nil, abiErr
	}
	files := &fileSystem{read: f.options.Read, seen: map[string][]byte{}}
	u = &unit{files: f.sources, texts: files.seen, functions: map[string]*cc.FunctionDefinition{},
		byName: map[string]*global{},
		kinds:  map[cc.Kind]cc.Type{}, statics: map[*cc.Declarator]string{}, args: map[string]string{}}
	u.diagnosis = &diagnosis{text: func(file string) []byte { return u.texts[file] }}
	sources := []cc.Source{{Name: "<ctcheck>", Value: prelude + defines}}
	for _, s := range f.sources {
		if at := slices.Index(s.Text, 0); at >= 0 {
			return nil, fmt.Errorf("%s: byte %d is 0; this is no C source", s.Name, at+1)
		}
		files.seen[s.Name] = s.Text
		sources = append(sources, cc.Source{Name: s.Name, Value: append(slices.Clone(s.Text), '\n')})
	}
	sources = append(sources, cc.Source{Name: ending, Value: strings.Repeat(afterwards, 20)})
	cfg := &cc.Config{ABI: theABI, FS: files, FSOnly: true, ABILayout: true, UnsignedEnums: true,
		ExpansionLimit: mostWork,
		IncludePaths:   append([]string{"@"}, f.options.Includes...),
		HasBuiltin:     func(string) bool { return false }}
	cfg.SourceCache = &headersRead
	cfg.SysIncludePaths = append(slices.Clone(f.options.Includes), headerRoot)
	cfg.IncludePaths = append(cfg.IncludePaths, headerRoot)
	if u.shallow(cfg, sources, f.sources); len(u.errors) > 0 {
		return nil, u.err()
	}
	if u.ast, err = translate(cfg, sources); err != nil {
		u.told(err)
		return nil, u.err()
	}
	try(u.collect)
	return u, u.err()
}

// headersRead is the stand-ins as far as they were read before, which all files share.
var headersRead cc.SourceCache

// translate calls the parser. One that it gives up on by a panic is one that it cannot read.
func translate(cfg *cc.Config, sources []cc.Source) (ast *cc.AST, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the parser failed: %v", r)
		}
	}()
	return cc.Translate(cfg, sources)
}

var (
	placed      = regexp.MustCompile(`^(.+?):(\d+):(\d+): (.*)$`)
	inParser    = regexp.MustCompile(` \(\w+\.go:.*\)$`)
	fromParser  = regexp.MustCompile(`^(\w+\.go:\d+:\w+: )+`)
	notIncluded = regexp.MustCompile(`include file not found: (["<].*[">])`)
)

// told notes the errors of the parser.
func (u *unit) told(err error) {
	for line := range strings.SplitSeq(err.Error(), "\n") {
		line = fromParser.ReplaceAllString(inParser.ReplaceAllString(line, ""), "")
		// Of what it cannot do itself the parser says TODO; alone, that is told below, whole.
		if line == "" || strings.Contains(line, "TODO ") || strings.Contains(line, "panic") && len(u.errors) > 0 {
			continue
		}
		at := Pos{}
		if m := placed.FindStringSubmatch(line); m != nil {
			at.File, line = m[1], m[4]
			at.Line, _ = strconv.Atoi(m[2])
			at.Col, _ = strconv.Atoi(m[3])
		}
		if at.File == ending {
			s := u.files[len(u.files)-1]
			at = Pos{s.Name, 1 + bytes.Count(s.Text, []byte("\n")), 1}
			line = "the file ends in the middle of something: a bracket, a ; or the end of a comment is missing"
		}
		if m := notIncluded.FindStringSubmatch(line); m != nil {
			line = fmt.Sprintf("there is no %s; with -I ctcheck looks into a folder of yours, and these it has: %s",
				m[1], strings.Join(append(Headers(), "ctcheck.h")[:len(Headers())], " "))
		}
		u.note(at, "%s", line)
	}
	if len(u.errors) == 0 {
		u.note(Pos{}, "this is not C as the parser knows it: %v", err)
	}
}

// collect finds the functions and variables, and what <ctcheck.h> says of them.
func (u *unit) collect() {
	for l := u.ast.TranslationUnit; l != nil; l = l.TranslationUnit {
		try(func() { u.external(l.ExternalDeclaration) })
	}
}

func (u *unit) external(d *cc.ExternalDeclaration) {
	switch d.Case {
	case cc.ExternalDeclarationFuncDef:
		f := d.FunctionDefinition
		name := f.Declarator.Name()
		if u.functions[name] != nil {
			u.fail(f, "%s is defined twice", name)
		}
		u.functions[name] = f
		u.order = append(u.order, f)
		u.block(f)
		u.staticsOf(f)
	case cc.ExternalDeclarationDecl:
		u.declaration(d.Declaration)
	case cc.ExternalDeclarationAsmStmt:
		u.fail(d, "assembly is not supported; write what it does in C")
	}
}

func (u *unit) declaration(d *cc.Declaration) {
	for l := d.InitDeclaratorList; l != nil; l = l.InitDeclaratorList {
		id := l.InitDeclarator
		dr := id.Declarator
		if dr == nil || dr.IsTypename() || dr.Type().Kind() == cc.Function ||
			dr.Name() == "__predefined_declarator" ||
			dr.Name() == "__ct_end" {
			continue
		}
		if strings.HasPrefix(dr.Name(), "__ct_kind") {
			u.kinds[dr.Type().Kind()] = dr.Type()
			continue
		}
		if dr.IsThreadLocal() {
			u.fail(dr, "thread-local variables are not supported; use DEFINE_PER_CPU")
		}
		if u.special(dr, id.Initializer) {
			continue
		}
		u.global(dr.Name(), dr, id,
			u.marksOfSpecifiers(d.DeclarationSpecifiers).with(u.marksOf(d.AttributeSpecifierList)).
				with(u.marksOfDeclarator(l)))
	}
}

// global keeps a variable of the file, with what all of its declarations say.
func (u *unit) global(name string, dr *cc.Declarator, id *cc.InitDeclarator, m marks) {
	g := u.byName[name]
	if g == nil {
		g = &global{name: name, at: dr}
		u.byName[g.name] = g
		u.globals = append(u.globals, g)
	}
	if g.t == nil || g.t.IsIncomplete() {
		g.t = dr.Type()
	}
	g.marks = g.marks.with(m)
	if id.Initializer != nil {
		if g.init != nil {
			u.fail(dr, "%s is initialized twice", g.name)
		}
		g.init, g.at, g.t = id.Initializer, dr, dr.Type()
	}
}

// staticsOf keeps the static locals of a function.
func (u *unit) staticsOf(f *cc.FunctionDefinition) {
	visit(f.CompoundStatement, func(n cc.Node) bool {
		d, ok := n.(*cc.Declaration)
		if !ok {
			return true
		}
		for l := d.InitDeclaratorList; l != nil; l = l.InitDeclaratorList {
			dr := l.InitDeclarator.Declarator
			if dr == nil || dr.IsTypename() || !dr.IsStatic() || dr.Name() == "__func__" {
				continue
			}
			name := f.Declarator.Name() + ":" + dr.Name()
			for u.byName[name] != nil { // in another block
				name += "'"
			}
			u.statics[dr] = name
			u.global(name, dr, l.InitDeclarator, u.marksOfSpecifiers(d.DeclarationSpecifiers).
				with(u.marksOf(d.AttributeSpecifierList)).with(u.marksOfDeclarator(l)))
		}
		return true
	})
}

// stem is a file's name without folder and ending.
func stem(name string) string {
	base := filepath.Base(name)
	return strings.TrimSuffix(base, filepath.Ext(base))
}
