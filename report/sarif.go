package report

import (
	"fmt"
	"io"
	"net/url"
	"path"
	"path/filepath"
	"runtime"
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
	Rules   []sarifRule `json:"rules"`
}

// A sarifRule is a property.
type sarifRule struct {
	ID    string       `json:"id"`
	Short sarifMessage `json:"shortDescription"`
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
	Locations    []sarifLocation   `json:"locations"`
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
		Tool:       sarifTool{sarifDriver{Name: "ctcheck", Version: strings.TrimPrefix(Version, "v")}},
		Automation: sarifAutomation{"ctcheck/" + r.Model + "/" + r.Memory.String() + "/"},
		Bases:      map[string]sarifBase{sarifRoot: {sarifMessage{"the root of ctcheck's sources"}}},
		Properties: map[string]sarifVerdict{"ctcheck": v}}
	for i, p := range r.Properties {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{p.Name, sarifMessage{propertyDoc(p.Name)}})
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

// sarifResult is the violation of property number rule. The run is one thread flow, though its CPUs are
// many: it is their order that shows what goes wrong, and readers show one flow at a time.
func (r *Report) sarifResult(rule int, p verdict.Property) sarifResult {
	t := p.Trace
	claim := strings.TrimSpace(fmt.Sprintf("%s %s %s %s", r.Model, p.Name, r.Memory, r.config()))
	res := sarifResult{RuleID: p.Name, RuleIndex: rule, Kind: "fail", Level: "error",
		Message: sarifMessage{strings.Join(broke(r.Program, t), " ")}, Locations: []sarifLocation{},
		Fingerprints: sarifFingerprints{claim}}
	var steps []sarifStep
	for n, s := range t.Steps {
		at := sarifPlace(s)
		if at != nil {
			res.Locations = []sarifLocation{{Physical: at}} // in the end, of the last step that has one
		}
		text := s.CPU.Name + ": " + strings.Join(append([]string{s.Statement()}, notes(s)...), "; ")
		if n == t.Loop {
			text += "; from this step on for ever"
		}
		steps = append(steps, sarifStep{sarifLocation{at, &sarifMessage{text}}, len(s.Stack) - 1, n + 1})
	}
	if len(steps) > 0 {
		res.CodeFlows = []sarifCodeFlow{{sarifMessage{traceTitle(t)}, []sarifThreadFlow{{steps}}}}
	}
	return res
}

// sarifPlace is where the model states a step, nil if nowhere.
func sarifPlace(s trace.Step) *sarifPhysical {
	stmt := s.Stmt
	if s.Transition.Kind == ir.Flush {
		stmt = s.Stored.Stmt
	}
	if stmt == nil || stmt.Line < 1 {
		return nil
	}
	return &sarifPhysical{sourceAddress(stmt.File), sarifRegion{stmt.Line}}
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
