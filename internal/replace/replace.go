// Package replace writes a file whole or not at all: under another name in the same folder, brought to the disk,
// and then renamed, so that at every time there is the old file, the new one, or none. A program that is killed in
// between leaves the file under the other name behind, which the next one to write the same file takes away
// (draft.go). A link is replaced, and not what it leads to.
package replace

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Probe finds out whether a file could be written, for those who have much to do before they write it. The error
// says that there is no such folder, or is an [fs.PathError] that says why the folder takes no files.
func Probe(path string) error {
	f, err := beside(path, 0o600)
	if err == nil {
		f.discard()
		return nil
	}
	if _, missing := os.Stat(filepath.Dir(path)); errors.Is(missing, fs.ErrNotExist) {
		return fmt.Errorf("there is no folder %q", filepath.Dir(path))
	}
	return err
}

// File puts what write writes in the place of a file. The writer that it gives is buffered. The error is that of
// write, or of the file system; then the file is as it was.
func File(path string, perm fs.FileMode, write func(io.Writer) error) (err error) {
	f, err := beside(path, perm)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.discard()
		} else {
			f.release()
		}
	}()
	w := bufio.NewWriterSize(f, 1<<18)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	// The file is there. Some folders cannot be read, and some file systems cannot bring a folder to the disk.
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync()
		dir.Close()
	}
	return nil
}
