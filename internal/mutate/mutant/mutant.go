// Package mutant turns on one of the mutants that are compiled in. MUTANT in the environment has its number, or the
// path of a file in which each mutant that would have made a difference leaves a mark.
package mutant

import (
	"cmp"
	"os"
	"strconv"
	"syscall"
)

var active, marks = 0, []byte(nil)

func init() {
	active, _ = strconv.Atoi(os.Getenv("MUTANT"))
	if fd, err := syscall.Open(os.Getenv("MUTANT"), syscall.O_RDWR, 0); err == nil {
		marks, _ = syscall.Mmap(fd, 0, 1<<16, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
		_ = syscall.Close(fd)
	}
	go func() { // ends a process that takes memory without bound
		for use := (syscall.Rusage{}); use.Maxrss < 4<<20; { // in KiB
			_ = syscall.Nanosleep(&syscall.Timespec{Nsec: 5e7}, nil) // a timer would need descriptors
			_ = syscall.Getrusage(syscall.RUSAGE_SELF, &use)
		}
		os.Exit(1)
	}()
}

// On reports whether the mutant is the one to run.
func On(id int) bool {
	if marks != nil && marks[id] == 0 {
		marks[id] = 1
	}
	return id == active
}

// Compare is cmp.Compare, but the mutant has equal ones as tie.
func Compare[T cmp.Ordered](id, tie int, x, y T) int {
	if x == y && On(id) {
		return tie
	}
	return cmp.Compare(x, y)
}

// Sum is x + y, or x - y.
func Sum[T interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr | ~float64
}](id int, minus bool, x, y T) T {
	if minus != (y != 0 && On(id)) {
		return x - y
	}
	return x + y
}
