package command

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// With --watch a file is checked again when it changes, also after one that is wrong, until Ctrl-C; the status is
// that of the last check.
func TestWatch(t *testing.T) {
	read := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join("../testdata/litmus", name))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	holds, fails := read("SB+mbs.litmus"), read("SB.litmus")
	file := filepath.Join(t.TempDir(), "test.litmus")
	write := func(text []byte, age time.Duration) {
		if err := os.WriteFile(file, text, 0o666); err != nil {
			t.Fatal(err)
		}
		when := time.Now().Add(-age)
		if err := os.Chtimes(file, when, when); err != nil {
			t.Fatal(err)
		}
	}
	write(holds, time.Hour)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	r, w := io.Pipe()
	status := make(chan int, 1)
	var out bytes.Buffer
	go func() {
		status <- Run(ctx, Own{}, []string{"-model", file, "--memory", "tso", "--watch", "--brief"}, &out, w)
		w.Close()
	}()
	said := bufio.NewScanner(r)
	next := func(want string) {
		t.Helper()
		for said.Scan() {
			if strings.Contains(said.Text(), want) {
				return
			}
		}
		t.Fatalf("it ended before it said %q", want)
	}
	next("waiting for " + file)
	write([]byte("C nonsense\n{"), 30*time.Minute)
	next(file + ":")
	next("waiting for " + file)
	write(fails, 20*time.Minute)
	next("waiting for " + file)
	stop()
	go io.Copy(io.Discard, r)
	if got := <-status; got != exitViolated {
		t.Errorf("the status is %d, want that of the last check", got)
	}
	if text := out.String(); !strings.Contains(text, "SB+mbs: HOLDS") || !strings.Contains(text,
		"SB: VIOLATED under tso") {
		t.Errorf("it printed\n%s", text)
	}
}

func TestWatchWhat(t *testing.T) {
	for _, row := range []badCall{
		{"-model peterz --watch", "--watch is about files: litmus tests and C; peterz is built in", "built in"},
		{"-model - --watch", "standard input (-) is there once", "no file"},
	} {
		row.check(t, strings.Fields(row.args)...)
	}
}
