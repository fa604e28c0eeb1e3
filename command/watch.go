package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// This file checks again when a source changes. It asks for the times and sizes of the files: that needs no
// library, and works on every file system, also where nobody tells of changes.

// watchEvery is how often the files are looked at.
const watchEvery = 200 * time.Millisecond

// sources is the files that a name is read from, with the headers beside them and in the folders of -I. The error
// says that there are none.
func (c *call) sources(cmd *cobra.Command) ([]string, error) {
	if c.model == "-" {
		return nil, errors.New("--watch is about files, and standard input (-) is there once")
	}
	if !isC(c.model) && !isTest(c.model) {
		return nil, fmt.Errorf("--watch is about files: litmus tests and C; %s is built in. A protocol in Go is "+
			"checked again by go test or go run", c.model)
	}
	files := strings.Split(c.model, ",")
	if isTest(c.model) {
		files = []string{c.model}
	}
	dirs, err := cmd.Flags().GetStringArray("include")
	if err != nil {
		return nil, err
	}
	if isC(c.model) {
		for _, f := range files {
			dirs = append(dirs, filepath.Dir(f))
		}
	}
	for _, dir := range dirs {
		headers, err := filepath.Glob(filepath.Join(dir, "*.h"))
		if err != nil {
			return nil, err
		}
		files = append(files, headers...)
	}
	return files, nil
}

// A stamp is what says that a file has changed.
type stamp struct {
	changed time.Time
	size    int64
	gone    bool
}

// stamps is those of files. One that is not there has one, too: editors write a file by taking it away.
func stamps(files []string) map[string]stamp {
	all := map[string]stamp{}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			all[f] = stamp{gone: errors.Is(err, fs.ErrNotExist)}
			continue
		}
		all[f] = stamp{changed: info.ModTime(), size: info.Size()}
	}
	return all
}

// watch checks, and again whenever a file has changed, until the context ends. What goes wrong is said, and the
// next change waited for.
func (c *call) watch(cmd *cobra.Command, once func() error) error {
	before, err := c.sources(cmd)
	if err != nil {
		return err
	}
	for {
		seen := stamps(before)
		if err := once(); err != nil {
			complain(cmd.ErrOrStderr(), err)
		}
		if cmd.Context().Err() != nil {
			return nil
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "ctcheck: waiting for %s to change (Ctrl-C ends it)\n", c.model)
		if !changed(cmd.Context(), func() bool {
			if now, err := c.sources(cmd); err == nil {
				before = now
			}
			return !same(seen, stamps(before))
		}) {
			return nil
		}
		fmt.Fprintf(cmd.OutOrStdout(), "\n%s\n\n", time.Now().Format("15:04:05"))
	}
}

// changed waits for a change, and for its end: a file is written in several pieces. It reports false when the
// context ends.
func changed(ctx context.Context, is func() bool) bool {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
			if is() {
				time.Sleep(watchEvery / 2)
				return true
			}
		}
	}
}

func same(a, b map[string]stamp) bool {
	if len(a) != len(b) {
		return false
	}
	for f, s := range a {
		if t, ok := b[f]; !ok || !t.changed.Equal(s.changed) || t.size != s.size || t.gone != s.gone {
			return false
		}
	}
	return true
}
