package litmus_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"ctcheck/litmus"
)

// mutated is a file with a few things changed: bytes, tokens doubled, moved or taken from another file.
func mutated(r *rand.Rand, src, other []byte) []byte {
	out := slices.Clone(src)
	for range 1 + r.IntN(4) {
		if len(out) == 0 {
			return out
		}
		i := r.IntN(len(out))
		j := min(len(out), i+r.IntN(12))
		switch r.IntN(6) {
		case 0:
			out = slices.Delete(out, i, j)
		case 1:
			out = slices.Insert(out, i, slices.Clone(out[i:j])...)
		case 2:
			out[i] = byte(r.IntN(256))
		case 3:
			const telling = "(){}[]*&=~;,:/\\|$%01-x<>!?\"'#."
			out[i] = telling[r.IntN(len(telling))]
		case 4:
			if len(other) > 0 {
				k := r.IntN(len(other))
				out = slices.Insert(out, i, other[k:min(len(other), k+r.IntN(40))]...)
			}
		case 5:
			out = out[:i]
		}
	}
	return out
}

// A file that is damaged is refused with a place in it, or is another test: nothing panics, and nothing takes for ever.
func TestMutated(t *testing.T) {
	files, err := filepath.Glob("../testdata/litmus/*.litmus")
	if err != nil {
		t.Fatal(err)
	}
	more, _ := filepath.Glob("/work/shared/litmus/*/*.litmus")
	files = append(files, more...)
	var srcs [][]byte
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		srcs = append(srcs, src)
	}
	r := rand.New(rand.NewPCG(1, 2))
	refused := 0
	n := 20000
	for range n {
		src := mutated(r, srcs[r.IntN(len(srcs))], srcs[r.IntN(len(srcs))])
		if !accepts(t, src) {
			refused++
		}
	}
	t.Logf("%d of %d refused", refused, n)
}

// accepts reads and lowers a file, and looks at the error.
func accepts(t *testing.T, src []byte) bool {
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("a panic: %v, on\n%s", r, src)
			os.WriteFile("/tmp/hG_scratch/panic.litmus", src, 0o644)
			panic(r)
		}
	}()
	test, err := litmus.Parse("m.litmus", src)
	if err == nil {
		_, err = test.Program()
	}
	if err == nil {
		return true
	}
	var e *litmus.Error
	if !errors.As(err, &e) || e.Line < 1 || e.Col < 1 || e.Msg == "" {
		t.Errorf("the error %q has no place, of\n%s", err, src)
	}
	return false
}
