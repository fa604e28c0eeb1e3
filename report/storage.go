package report

import (
	"fmt"

	"ctcheck/verdict"
)

// This file says in a report where the states were kept: what a lossy store may have missed, and which
// file has where the search stands.

// jsonEstimate is [verdict.Estimate] in the JSON format.
type jsonEstimate struct {
	Seed        uint64  `json:"seed"`
	Omitted     float64 `json:"omitted"`     // expected number of states taken for others
	Probability float64 `json:"probability"` // of at least one
}

func (r *Report) estimateJSON() *jsonEstimate {
	if r.Search.Estimate == nil {
		return nil
	}
	return &jsonEstimate{r.Search.Seed, r.Search.Estimate.Omitted, r.Search.Estimate.Probability}
}

// store is how states were remembered.
func (r *Report) store() string {
	if r.Search.Store == verdict.ExactStore {
		return "exact store"
	}
	return fmt.Sprintf("%s store (lossy) with seed %d", r.Search.Store, r.Search.Seed)
}

// remarks is what bounds the verdict, in whole sentences: what was not looked at, and what may be missed.
func (r *Report) remarks() []string {
	var rs []string
	if !r.Complete {
		rs = append(rs, r.boundSentence())
	}
	if e := r.Search.Estimate; e != nil {
		rs = append(rs, fmt.Sprintf("Estimate for %s: %.3g states that the search came to were taken "+
			"for others and missed, at least one with probability %.3g; what lies only behind such states is "+
			"not counted. Another --seed misses others.", r.Search.Store, e.Omitted, e.Probability))
	}
	return rs
}

// checkpoint says which file has where the search stands.
func (r *Report) checkpoint() string {
	return fmt.Sprintf("checkpoint written to %s: resume with --resume %s", r.Search.Checkpoint,
		r.Search.Checkpoint)
}
