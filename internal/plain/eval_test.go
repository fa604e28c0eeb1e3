package plain

import (
	"math"
	"math/rand/v2"
	"testing"

	"ctcheck/model"
)

// The operators are written here a second time; both agree on values at the edges and between them.
func TestOperatorsAreThoseOfTheVocabulary(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	values := []int64{0, 1, -1, 2, -2, 3, 7, 8, -8, 31, 32, 62, 63, 64, 65, math.MaxInt32, math.MinInt32,
		math.MaxInt64, math.MinInt64, math.MinInt64 + 1}
	for range 60 {
		values = append(values, int64(rnd.Uint64()>>rnd.IntN(64)), -int64(rnd.Uint64()>>(1+rnd.IntN(63))))
	}
	var ops []model.ExprOp
	for op := model.OpAnd; op <= model.OpLacks; op++ {
		ops = append(ops, op)
	}
	for op := model.OpMul; op <= model.OpShr; op++ {
		ops = append(ops, op)
	}
	for _, op := range ops {
		for _, a := range values {
			for _, b := range values {
				if x, y := binary(op, a, b), op.Apply(a, b); x != y {
					t.Fatalf("operator %d of %d and %d is %d here and %d there", op, a, b, x, y)
				}
			}
		}
	}
}
