package command

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	humanize "github.com/dustin/go-humanize"
)

// This file finds out what the process was not given and cannot do without: where that comes out later, Go's
// runtime ends the program with a dump. What the runtime itself needs before main, some 800 MB of addresses among
// it, it asks for before anybody can look.

const (
	// A file, and the two descriptors that Go's runtime takes when the first file is opened. If it does not get
	// them, it does not go on.
	filesToBegin = 3
)

// ready says what is missing at the start.
func ready() error {
	if err := spareFiles(filesToBegin); err != nil {
		return err
	}
	if left, limited := addressesLeft(); limited && left < addressesToBegin {
		return fmt.Errorf("only %s of addresses are left (ulimit -v), and it takes %s more to begin",
			humanize.IBytes(left), humanize.IBytes(addressesToBegin))
	}
	return nil
}

// lost reports whether a standard stream may have been closed. Go's runtime has opened the null device in its place
// by now, to be read and written. A shell's >/dev/null only writes, so it can be told apart. Python's
// subprocess.DEVNULL and daemons leave nothing by which it could: they want the exit status and get it, so this is
// a warning and no error.
func lost(f *os.File) bool {
	flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, f.Fd(), syscall.F_GETFL, 0)
	if errno != 0 {
		return true
	}
	is, err := f.Stat()
	null, errNull := os.Stat(os.DevNull)
	return flags&syscall.O_ACCMODE == syscall.O_RDWR && err == nil && errNull == nil && os.SameFile(is, null)
}

// spareFiles says if fewer files than so many can be opened. It opens no files, which Go's runtime would see.
func spareFiles(n int) error {
	for i := range n {
		fd, err := syscall.Dup(int(os.Stderr.Fd()))
		if err != nil {
			return fmt.Errorf("%d files can be opened (ulimit -n), and it takes %d to begin", i, n)
		}
		defer syscall.Close(fd)
	}
	return nil
}

// addressesLeft is the bytes of addresses that the process may still take, if their number is limited.
func addressesLeft() (left uint64, limited bool) {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_AS, &r); err != nil || r.Cur > 1<<62 {
		return 0, false
	}
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, false
	}
	size, _, _ := strings.Cut(string(text), " ")
	pages, err := strconv.ParseUint(size, 10, 44)
	used := pages * uint64(os.Getpagesize())
	return r.Cur - min(used, r.Cur), err == nil
}
