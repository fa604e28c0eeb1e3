package report

import (
	"fmt"

	humanize "github.com/dustin/go-humanize"

	"ctcheck/verdict"
)

// This file says in a report how the states were searched and where they were kept: what a lossy store may have
// missed, and which file has where the search stands. An engine that visits no states has nothing of this.

// search is what a search says of its own; of another engine, nothing.
func (r *Report) search() verdict.Search {
	if r.Search == nil {
		return verdict.Search{}
	}
	return *r.Search
}

// how is the way in which states were visited.
func (r *Report) how(detail Detail) string {
	if r.search().Order == verdict.RandomWalks {
		return fmt.Sprintf("random walks, %s with seed %d", humanize.Comma(int64(r.search().Walks)),
			r.search().Seed)
	}
	order := "depth first"
	if r.search().Order == "bfs" {
		order = "breadth first"
	}
	if r.Complete {
		order = "every interleaving, " + order
	}
	return fmt.Sprintf("%s, %s, %s", order, r.store(), r.reductions(detail))
}

// lossy reports whether states may have been missed.
func (r *Report) lossy() bool { return r.Search != nil && r.Search.Store != verdict.ExactStore }

// jsonEstimate is [verdict.Estimate] in the JSON format.
type jsonEstimate struct {
	Seed        uint64  `json:"seed"`
	Omitted     float64 `json:"omitted"`     // expected number of states taken for others
	Probability float64 `json:"probability"` // of at least one
}

func (r *Report) estimateJSON() *jsonEstimate {
	if r.search().Estimate == nil {
		return nil
	}
	return &jsonEstimate{r.search().Seed, r.search().Estimate.Omitted, r.search().Estimate.Probability}
}

// store is how states were remembered.
func (r *Report) store() string {
	if !r.lossy() {
		return "exact store"
	}
	return fmt.Sprintf("%s store (lossy) with seed %d", r.search().Store, r.search().Seed)
}

// remarks is what bounds the verdict, in whole sentences: what was not looked at, and what may be missed.
func (r *Report) remarks() []string {
	var rs []string
	if !r.Complete {
		rs = append(rs, r.boundSentence())
	}
	if e := r.search().Estimate; e != nil {
		rs = append(rs, fmt.Sprintf("Estimate for %s: %.3g states that the search came to were taken "+
			"for others and missed, at least one with probability %.3g; what lies only behind such states is "+
			"not counted. Another --seed misses others.", r.search().Store, e.Omitted, e.Probability))
	}
	return rs
}

// checkpoint says which file has where the search stands.
func (r *Report) checkpoint() string {
	return fmt.Sprintf("checkpoint written to %s: resume with --resume %s", r.search().Checkpoint,
		r.search().Checkpoint)
}
