package command

import (
	"context"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ctcheck/judge"
	"ctcheck/model"
)

// How many small tests are run in the time that a process of the command takes to start and say its version, on one
// core (GOMAXPROCS=1): tests/process.
func BenchmarkLitmus(b *testing.B) {
	bin := filepath.Join(b.TempDir(), "ctcheck")
	if out, err := exec.Command("go", "build", "-o", bin, "../cmd/ctcheck").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	files, err := judge.Find([]string{tests})
	if err != nil {
		b.Fatal(err)
	}
	sources := map[string][]byte{}
	memories := []model.MemoryModel{model.TSO}
	for _, f := range files {
		src, err := judge.Read(f, nil)
		if err != nil {
			b.Fatal(err)
		}
		if o := judge.Decide(context.Background(), f, src, memories,
			judge.Limits{})[0]; o.Known() && len(o.Test.Threads) < 4 {
			sources[f] = src
		}
	}
	files = slices.DeleteFunc(files, func(f string) bool { return sources[f] == nil })
	var deciding, starting time.Duration
	n := 0
	for b.Loop() {
		begin := time.Now()
		for _, f := range files {
			judge.Decide(context.Background(), f, sources[f], memories, judge.Limits{})
		}
		deciding += time.Since(begin)
		begin = time.Now()
		for range 5 {
			cmd := exec.Command(bin, "version")
			cmd.Stdout = io.Discard
			if err := cmd.Run(); err != nil {
				b.Fatal(err)
			}
		}
		starting += time.Since(begin)
		n++
	}
	each := deciding.Seconds() / float64(n*len(files))
	b.ReportMetric(1/each, "tests/s")
	b.ReportMetric(starting.Seconds()/float64(5*n)/each, "tests/process")
}
