package replace

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// This file has the files under other names: how they are made, and how those are told and taken away whose writers
// were killed. A writer holds a lock on its file, which the system takes from it when it ends, however it ends. So
// one whose lock is free is nobody's. A number of a process would say less: there may be another one of that number
// by now, and on another machine or in another container that shares the folder it means another process.
//
// Where a file system knows no locks, nothing is taken away.

// A draft is a file that is to become another one.
type draft struct {
	*os.File
	// hold has the lock, apart from the file, which is closed before it gets its name; nil: there are no locks.
	hold *os.File
}

// errBusy says that somebody else has a lock.
var errBusy = errors.New("locked")

// mostLeft is how many files of other names may lie about that cannot be taken away.
const mostLeft = 100

// beside makes the file that becomes the one of the given path, in the same folder, and takes away what others
// left there that were to become the same. It has the permissions that any new file gets, which os.CreateTemp does
// not do.
func beside(path string, perm fs.FileMode) (*draft, error) {
	sweep(path)
	var err error
	for n := range mostLeft {
		name := fmt.Sprintf(".%s.%d.%d.tmp", filepath.Base(path), os.Getpid(), n)
		name = filepath.Join(filepath.Dir(path), name)
		var f *os.File
		if f, err = os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, perm); errors.Is(err, fs.ErrExist) {
			continue
		} else if err != nil {
			return nil, err
		}
		d := &draft{File: f}
		if err = d.take(); err == nil {
			return d, nil
		}
		f.Close()
		if !errors.Is(err, errBusy) {
			os.Remove(name)
			return nil, err
		}
	}
	return nil, err
}

// take takes the lock of a new file. Somebody may have found the file before, and have it for one of nobody; then
// it is no more, and the error is errBusy.
func (d *draft) take() (err error) {
	// A lock for writers may need a file that is open for writing.
	switch d.hold, err = os.OpenFile(d.Name(), os.O_RDWR, 0); {
	case errors.Is(err, fs.ErrNotExist):
		return errBusy
	case errors.Is(err, fs.ErrPermission):
		return nil // the umask has it that nobody opens it, to take it away either
	case err != nil:
		return err
	}
	switch err = lock(d.hold); {
	case err == nil && there(d.hold):
		return nil
	case err == nil:
		err = errBusy
	case !errors.Is(err, errBusy):
		err = nil // there are no locks, so that nobody takes anything away
	}
	d.release()
	return err
}

// release lets go of the lock, when the file has its name or is gone.
func (d *draft) release() {
	if d.hold != nil {
		d.hold.Close()
		d.hold = nil
	}
}

// discard takes the file away.
func (d *draft) discard() {
	d.Close()
	os.Remove(d.Name())
	d.release()
}

// there reports whether an open file still has its name.
func there(f *os.File) bool {
	mine, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(f.Name())
	return err == nil && os.SameFile(mine, named)
}

// sweep takes away the files that were to become the one of the given path, and that nobody writes any more.
func sweep(path string) {
	dir := filepath.Dir(path)
	entries, _ := os.ReadDir(dir) // a folder that cannot be read keeps what it has
	ours := regexp.MustCompile(`^\.` + regexp.QuoteMeta(filepath.Base(path)) + `\.[0-9]+\.[0-9]+\.tmp$`)
	for _, e := range entries {
		if !e.Type().IsRegular() || !ours.MatchString(e.Name()) {
			continue
		}
		f, err := os.OpenFile(filepath.Join(dir, e.Name()), os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if lock(f) == nil && there(f) {
			os.Remove(f.Name())
		}
		f.Close()
	}
}
