package replace

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// A file is new as a whole, or as it was, and nothing is left beside it.
func TestFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	fails := errors.New("no more")
	for _, row := range []struct {
		text string
		err  error
		want string
		why  string
	}{
		{"first", nil, "first", "a new file"},
		{"half", fails, "first", "what fails half way"},
		{strings.Repeat("x", 1<<19), nil, strings.Repeat("x", 1<<19), "more than the buffer holds"},
		{"", nil, "", "a shorter one"},
	} {
		err := File(file, 0o600, func(w io.Writer) error {
			_, err := io.WriteString(w, row.text)
			return errors.Join(err, row.err)
		})
		if !errors.Is(err, row.err) || row.err == nil && err != nil {
			t.Errorf("%s: %v, want %v", row.why, err, row.err)
		}
		if got := read(t, file); got != row.want {
			t.Errorf("%s: the file has %d bytes, want %d", row.why, len(got), len(row.want))
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("%v are there, %v; want the file", left, err)
	}
}

// A file that another writer has under the name for the time between does not stand in the way.
func TestLeftOver(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	f, err := beside(file, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.discard()
	if err := Probe(file); err != nil {
		t.Error(err)
	}
	if err := File(file, 0o600, func(w io.Writer) error { return nil }); err != nil {
		t.Error(err)
	}
}

func TestProbe(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := Probe(file); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("%v are there, %v; want nothing", left, err)
	}
	if err := Probe(filepath.Join(dir, "none", "file")); err == nil || !strings.Contains(err.Error(), "no folder") {
		t.Errorf("a missing folder: %v", err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Probe(filepath.Join(file, "x")); !errors.As(err, new(*fs.PathError)) {
		t.Errorf("a file as a folder: %v", err)
	}
}
