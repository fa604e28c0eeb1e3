package report

import (
	"cmp"
	"fmt"
	"io"
	"net/url"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"ctcheck/ir"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/trace"
	"ctcheck/verdict"
)

// The SARIF format, version 2.1.0: of it what is needed to say which statement of a model's Go file breaks
// which property, and on which run. A test holds it against the official schema.
type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

// A sarifRun is one report.
type sarifRun struct {
	Tool        sarifTool               `json:"tool"`
	Automation  sarifAutomation         `json:"automationDetails"`
	Bases       map[string]sarifBase    `json:"originalUriBaseIds"`
	Invocations []sarifInvocation       `json:"invocations"`
	Results     []sarifResult           `json:"results"`
	Properties  map[string]sarifVerdict `json:"properties"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"semanticVersion"`
	Build   string      `json:"version"`
	Rules   []sarifRule `json:"rules"`
}

// A sarifRule is a property.
type sarifRule struct {
	ID    string       `json:"id"`
	Short sarifMessage `json:"shortDescription"`
	Help  sarifMessage `json:"help"`
}

// A sarifAutomation tells the runs of one check apart.
type sarifAutomation struct {
	ID string `json:"id"` // with the model and the memory model
}

// A sarifBase says what relative addresses are relative to.
type sarifBase struct {
	Description sarifMessage `json:"description"`
}

type sarifInvocation struct {
	Successful    bool                `json:"executionSuccessful"`
	Notifications []sarifNotification `json:"toolExecutionNotifications"`
}

// A sarifNotification says what was not looked at, or never happened.
type sarifNotification struct {
	Level   string       `json:"level"`
	Message sarifMessage `json:"message"`
}

// A sarifVerdict is what the text format says of the whole search.
type sarifVerdict struct {
	Verdict     string            `json:"verdict"`
	Complete    bool              `json:"complete"`
	Config      string            `json:"config"`
	MemoryModel string            `json:"memory_model"`
	Assumptions []string          `json:"assumptions"`
	Findings    map[string]string `json:"findings"`
	Figures     string            `json:"figures"`
	Decides     []string          `json:"memory_model_decides,omitempty"` // in the last of several runs
}

// A sarifResult is one violation.
type sarifResult struct {
	RuleID       string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"`
	Kind         string            `json:"kind"`
	Level        string            `json:"level"`
	Message      sarifMessage      `json:"message"`
	Locations    []sarifLocation   `json:"locations"`                  // in the design's own file, if it goes there
	Related      []sarifLocation   `json:"relatedLocations,omitempty"` // where the run ends, if elsewhere
	Fingerprints sarifFingerprints `json:"partialFingerprints"`
	CodeFlows    []sarifCodeFlow   `json:"codeFlows,omitempty"`
}

// sarifFingerprints tell whoever compares two logs that a violation is the same one, though lines have moved.
type sarifFingerprints struct {
	Claim string `json:"ctcheckClaim/v1"`
}

type sarifMessage struct {
	Text string `json:"text"`
}

type sarifLocation struct {
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Message  *sarifMessage  `json:"message,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   sarifRegion   `json:"region"`
}

type sarifArtifact struct {
	URI  string `json:"uri"`
	Base string `json:"uriBaseId,omitempty"`
}

type sarifRegion struct {
	Line int `json:"startLine"`
}

type sarifCodeFlow struct {
	Message sarifMessage      `json:"message"`
	Threads []sarifThreadFlow `json:"threadFlows"`
}

type sarifThreadFlow struct {
	Steps []sarifStep `json:"locations"`
}

type sarifStep struct {
	Location sarifLocation `json:"location"`
	Nesting  int           `json:"nestingLevel"` // handlers on the CPU
	Order    int           `json:"executionOrder"`
}

// sarifRoot is the base of relative addresses, by the name that SARIF's own examples use.
const sarifRoot = "%SRCROOT%"

// SARIF writes a run for each report, with a result for each violated property. The error is that of w.
func SARIF(w io.Writer, rs ...*Report) error {
	log := sarifLog{Schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/" +
		"sarif-schema-2.1.0.json", Version: "2.1.0"}
	for i, r := range rs {
		var lines []string
		if len(rs) > 1 && i == len(rs)-1 {
			lines = decides(rs)
		}
		log.Runs = append(log.Runs, r.sarif(lines))
	}
	return WriteJSON(w, log)
}

func (r *Report) sarif(decides []string) sarifRun {
	v := sarifVerdict{Verdict: strings.ToLower(r.Verdict.String()), Complete: r.Complete, Config: r.config(),
		MemoryModel: r.Memory.String(), Assumptions: r.assumptions(), Findings: map[string]string{},
		Figures: r.figures(), Decides: decides}
	for _, f := range r.findings() {
		v.Findings[f[0]] = f[1]
	}
	run := sarifRun{Results: []sarifResult{},
		Tool: sarifTool{sarifDriver{Name: "ctcheck", Version: strings.TrimPrefix(Version, "v"),
			Build: cmp.Or(r.Build, Version)}},
		Automation: sarifAutomation{"ctcheck/" + r.Model + "/" + r.Memory.String() + "/"},
		Bases:      map[string]sarifBase{sarifRoot: {sarifMessage{"the root of ctcheck's sources"}}},
		Properties: map[string]sarifVerdict{"ctcheck": v}}
	for i, p := range r.Properties {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{p.Name, sarifMessage{propertyDoc(p.Name)},
			sarifMessage{r.help(p.Name)}})
		if p.Violated {
			run.Results = append(run.Results, r.sarifResult(i, p))
		}
	}
	notes := []sarifNotification{}
	for _, s := range r.remarks() {
		notes = append(notes, sarifNotification{"warning", sarifMessage{s}})
	}
	for _, c := range r.Claims {
		if r.reached(c) == notReached {
			notes = append(notes, sarifNotification{"error", sarifMessage{"never reached: " + c.Name}})
		}
	}
	// No results of a search that was cut must not be read as none there are.
	run.Invocations = []sarifInvocation{{r.Complete || r.Verdict == verdict.Violated, notes}}
	return run
}

// propertyDoc is what a property claims; one that is not of the catalogue says it with its name.
func propertyDoc(name string) string {
	if p, ok := props.Find(name); ok {
		return p.Doc
	}
	if name == model.NoDeadlock {
		return "no state is reachable in which nothing can happen before every CPU has ended"
	}
	return name
}

// help says what a reader of a result can do.
func (r *Report) help(name string) string {
	help := name + " claims: " + propertyDoc(name) + ". A result has a run that violates it, checked step by " +
		"step, " +
		"as its code flow: the statements of all CPUs in the order in which they came."
	if r.Replay != "" {
		help += " " + r.Replay + " --run RUN draws it again; the message of the code flow ends with the RUN."
	}
	return help
}

// sarifResult is the violation of property number rule. The run is one thread flow, though its CPUs are
// many: it is their order that shows what goes wrong, and readers show one flow at a time.
func (r *Report) sarifResult(rule int, p verdict.Property) sarifResult {
	t := p.Trace
	claim := strings.TrimSpace(fmt.Sprintf("%s %s %s %s", r.Model, p.Name, r.Memory, r.config()))
	res := sarifResult{RuleID: p.Name, RuleIndex: rule, Kind: "fail", Level: "error",
		Message: sarifMessage{strings.Join(broke(t.Program, t), " ")}, Locations: []sarifLocation{},
		Fingerprints: sarifFingerprints{claim}}
	var steps []sarifStep
	last := map[*model.CPU]*sarifPhysical{}
	var own, end *sarifPhysical // the last place in the design's own file, and the last one
	for n, s := range t.Steps {
		at := sarifPlace(s)
		if at == nil { // what has no statement stands where its CPU stood
			at = cmp.Or(last[s.CPU], firstPlace(s.CPU.Main))
		}
		if last[s.CPU] = at; at != nil {
			if end = at; !isHarness(at.Artifact.URI) {
				own = at
			}
		}
		text := s.CPU.Name + ": " + strings.Join(append([]string{s.Statement()}, notes(s)...), "; ")
		if n == t.Loop {
			text += "; from this step on for ever"
		}
		steps = append(steps, sarifStep{sarifLocation{at, &sarifMessage{text}}, len(s.Stack) - 1, n + 1})
	}
	if at := cmp.Or(own, end); at != nil {
		res.Locations = []sarifLocation{{Physical: at}}
		if *end != *at {
			res.Related = []sarifLocation{{end, &sarifMessage{"the run ends here, in what all designs share"}}}
		}
	}
	if len(steps) > 0 {
		title := traceTitle(t) + ", run " + t.Address()
		res.CodeFlows = []sarifCodeFlow{{sarifMessage{title}, []sarifThreadFlow{{steps}}}}
	}
	return res
}

// isHarness reports whether a source has the actors that designs share, and no design.
func isHarness(uri string) bool {
	return slices.Contains([]string{"models/harness.go", "models/target.go"}, uri)
}

// sarifPlace is where the model states a step, or, of an interrupt, its handler; nil if nowhere.
func sarifPlace(s trace.Step) *sarifPhysical {
	switch s.Transition.Kind {
	case ir.Flush:
		return placeOfStmt(s.Stored.Stmt)
	case ir.PushIPI, ir.PushIRQ:
		return firstPlace(s.CPU.IPIs[s.Transition.Index].Handler)
	case ir.PushNMI:
		return firstPlace(s.CPU.NMI)
	}
	return placeOfStmt(s.Stmt)
}

// firstPlace is where a routine's first statement stands that has a place.
func firstPlace(r *model.Routine) *sarifPhysical {
	if r == nil {
		return nil
	}
	for _, s := range r.Body {
		if at := placeOfStmt(s); at != nil {
			return at
		}
	}
	return nil
}

func placeOfStmt(s *model.Stmt) *sarifPhysical {
	if s == nil || s.Line < 1 {
		return nil
	}
	return &sarifPhysical{sourceAddress(s.File), sarifRegion{s.Line}}
}

// sourceAddress is a Go file as an address: relative to the root of the module that this file is in, as
// the compiler named both, or else absolute.
func sourceAddress(file string) sarifArtifact {
	_, self, _, _ := runtime.Caller(0)
	if rel, ok := strings.CutPrefix(file, path.Dir(path.Dir(self))+"/"); ok {
		return sarifArtifact{(&url.URL{Path: rel}).String(), sarifRoot}
	}
	if !filepath.IsAbs(file) { // of another module, built with -trimpath: an import path
		return sarifArtifact{URI: (&url.URL{Path: file}).String()}
	}
	return sarifArtifact{URI: (&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String()}
}
