// Package browser has the tests that need a real browser and real drawing tools: the HTML page and the
// explorer in chromium, the Mermaid diagrams in Mermaid, the DOT graphs in Graphviz. It is a module of its
// own, so that what these tests need does not come with ctcheck.
//
// Without chromium (chromium, chromium-browser or google-chrome in the PATH), dot, or, for Mermaid, the file
// that CTCHECK_MERMAID names (dist/mermaid.min.js of the npm package), the tests that need it are skipped by
// name; with CTCHECK_BROWSER=required, which CI sets, they fail instead.
package browser
