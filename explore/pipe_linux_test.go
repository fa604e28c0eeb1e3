package explore

import (
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ctcheck/model"
)

// A pipe that nobody writes to is refused as a checkpoint, and not waited for.
func TestResumeFromAPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	o := Options{Memory: model.TSO, Search: BreadthFirst, Resume: pipe}
	_, err := Run(context.Background(), grid(1, 1), nil, o)
	if err == nil || !strings.Contains(err.Error(), "no file") {
		t.Errorf("error %v", err)
	}
}
