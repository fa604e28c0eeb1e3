package cfront

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"modernc.org/cc/v4"

	"ctcheck/models"
)

// This file reads what <ctcheck.h> says of a file: the roles of a deferral design, or what CPUs run and what is
// claimed.

// roles is CTCHECK_DEFERRAL.
type roles struct {
	at        cc.Node
	functions map[string]*cc.FunctionDefinition
	numbers   map[string]int64
	texts     map[string]string
	work      cc.ExpressionNode
}

func (ro *roles) has(name string) bool  { return ro.functions[name] != nil }
func (ro *roles) flag(name string) bool { return ro.numbers[name] != 0 }

var functionRoles = strings.Fields("set_work user_exit user_enter idle_exit idle_enter guest_exit guest_enter " +
	"nmi_enter nmi_exit run ipi")

// special reports whether a declaration is one that the macros of <ctcheck.h> make, and keeps what it says.
func (u *unit) special(d *cc.Declarator, i *cc.Initializer) bool {
	name := d.Name()
	if n, ok := strings.CutPrefix(name, "__ctcheck_args_"); ok {
		if i != nil && i.Case == cc.InitializerExpr {
			s, _ := i.AssignmentExpression.Value().(cc.StringValue)
			u.args[n] = strings.TrimRight(string(s), "\x00")
		}
		return true
	}
	if name != "__ctcheck_deferral" {
		return false
	}
	if u.roles != nil {
		u.fail(d, "CTCHECK_DEFERRAL is there twice")
	}
	u.roles = &roles{at: d, functions: map[string]*cc.FunctionDefinition{}, numbers: map[string]int64{},
		texts: map[string]string{}}
	for l := i.InitializerList; l != nil; l = l.InitializerList {
		u.role(l.Initializer)
	}
	if !u.roles.has("set_work") {
		u.fail(d, "CTCHECK_DEFERRAL names no set_work; without one there is nothing to check")
	}
	return true
}

func (u *unit) role(i *cc.Initializer) {
	e := i.AssignmentExpression
	if i.Field() == nil || e == nil {
		u.fail(i, "CTCHECK_DEFERRAL takes roles by their names, as .set_work = ct_set_cpu_work")
	}
	switch name := i.Field().Name(); {
	case slices.Contains(functionRoles, name):
		id, ok := unparenCast(e).(*cc.PrimaryExpression)
		if ok && id.Case == cc.PrimaryExpressionIdent && u.functions[id.Token.SrcStr()] != nil {
			u.roles.functions[name] = u.functions[id.Token.SrcStr()]
			return
		}
		if k, ok := constantOf(e); ok && k == 0 { // NULL
			return
		}
		u.fail(e, "the role .%s is a function of the file, defined before CTCHECK_DEFERRAL", name)
	case name == "work":
		u.roles.work = e
	case name == "void_double_execution":
		if s, ok := e.Value().(cc.StringValue); ok {
			u.roles.texts[name] = strings.TrimRight(string(s), "\x00")
			return
		}
		u.fail(e, ".%s is a string: the reason", name)
	default:
		k, ok := constantOf(e)
		if !ok {
			u.fail(e, ".%s is a constant", name)
		}
		u.roles.numbers[name] = k
	}
}

// A block is what a CPU or a handler runs.
type block struct {
	kind    string // cpu, nmi or irq
	def     *cc.FunctionDefinition
	names   []string
	options map[string]int64
}

// A claim is something that is said of all states or runs.
type claim struct {
	kind, name string
	def        *cc.FunctionDefinition
}

var (
	blockName  = regexp.MustCompile(`^__ctcheck_(cpu|nmi|irq|never|at_end|eventually|reached)_(\d+)$`)
	identifier = regexp.MustCompile(`^[A-Za-z_]\w*$`)
)

// optionsOf is the options that a kind of block has.
var optionsOf = map[string][]string{"cpu": {"service"}, "nmi": {"times", "depth"}, "irq": {"times"}}

// block keeps a function that is one of the blocks and claims.
func (u *unit) block(f *cc.FunctionDefinition) {
	m := blockName.FindStringSubmatch(f.Declarator.Name())
	if m == nil {
		return
	}
	kind, args := m[1], u.args[m[2]]
	if optionsOf[kind] == nil {
		if strings.TrimSpace(args) == "" {
			u.fail(f, "a claim has a name, which reports call it by")
		}
		u.claims = append(u.claims, &claim{kind, args, f})
		return
	}
	b := &block{kind: kind, def: f, options: map[string]int64{}}
	for arg := range strings.SplitSeq(args, ",") {
		arg = strings.TrimSpace(arg)
		if rest, ok := strings.CutPrefix(arg, "."); ok {
			u.option(b, rest)
			continue
		}
		if !identifier.MatchString(arg) {
			u.fail(f, "%q is no name; CTCHECK_%s takes names and then options, as .times = 1", arg,
				strings.ToUpper(kind))
		}
		b.names = append(b.names, arg)
	}
	if want := map[string]int{"cpu": 0, "nmi": 1, "irq": 2}[kind]; want > 0 && len(b.names) != want {
		u.fail(f, "CTCHECK_NMI takes a CPU, and CTCHECK_IRQ a CPU and the name of the interrupt")
	}
	u.blocks = append(u.blocks, b)
}

func (u *unit) option(b *block, text string) {
	name, value, ok := strings.Cut(text, "=")
	name = strings.TrimSpace(name)
	k, err := strconv.ParseInt(strings.TrimSpace(value), 0, 32)
	if !ok || err != nil || !slices.Contains(optionsOf[b.kind], name) || k < 0 {
		u.fail(b.def, "the option .%s is not one that is known; there are: .%s = number", strings.TrimSpace(text),
			strings.Join(optionsOf[b.kind], ", ."))
	}
	b.options[name] = k
}

// cpuNames is the names of the CPUs of a protocol, in the order in which their code comes.
func (u *unit) cpuNames() (names []string) {
	for _, b := range u.blocks {
		if b.kind == "cpu" {
			names = append(names, b.names...)
		}
	}
	return names
}

// mostCPUs is how many CPUs a file may have.
const mostCPUs = 64

func (f *File) protocolDefines() string {
	return fmt.Sprintf("#define NR_CPUS %d\n", max(1, len(f.first.cpuNames())))
}

// defaults is the macros with which a file is read first, to see what it is.
func defaults() string {
	return configDefines(models.DefaultConfig())
}

// configDefines is what a file may ask of a configuration.
func configDefines(c models.Config) string {
	var b strings.Builder
	define := func(name string, k int) { fmt.Fprintf(&b, "#define CTCHECK_%s %d\n", name, k) }
	truth := func(yes bool) int {
		if yes {
			return 1
		}
		return 0
	}
	define("SETTERS", setters(c))
	define("TARGET", targetNumber(c))
	define("WORKS", c.Works)
	define("REQUESTS", c.Requests)
	calls := c.Calls()
	if c.Any {
		calls = len(c.Each(mostSetters, 0).Asked())
	}
	define("CALLS", calls)
	define("ROUNDS", c.Rounds)
	define("NMIS", c.NMI)
	define("URGENT", c.Urgent)
	define("ACTIVE", truth(c.Active))
	define("STARTS_IN_BODY", truth(c.Begins() == ""))
	define("VISITS_USER", truth(c.Visits(models.ContextUser)))
	define("VISITS_IDLE", truth(c.Visits(models.ContextIdle)))
	define("VISITS_GUEST", truth(c.Visits(models.ContextGuest)))
	fmt.Fprintf(&b, "#define NR_CPUS %d\n", setters(c)+1)
	return b.String()
}
