//go:build !(386 || arm || mips || mipsle)

package states

import (
	"syscall"
	"unsafe"
)

// This file takes the memory of large tables from the kernel directly: a range of addresses so long
// that the table can grow in it without ever being moved, in huge pages where there are any. A table is
// touched at random, so each small page would cost a fault when it is first met and a miss in the
// translation buffer ever after. Addresses that are not touched cost nothing.

// longest is the bytes of addresses that are reserved for a table.
const longest = 1 << 38

// reserve is a long range of zeroed words, and a function that gives it back; nil if the system does
// not give one.
func reserve() (words []uint64, free func()) {
	b, err := syscall.Mmap(-1, 0, longest, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_ANON|syscall.MAP_PRIVATE|syscall.MAP_NORESERVE)
	if err != nil {
		return nil, nil
	}
	// A kernel without huge pages says no, which costs time and nothing else.
	_ = syscall.Madvise(b, syscall.MADV_HUGEPAGE)
	return unsafe.Slice((*uint64)(unsafe.Pointer(&b[0])), longest/8), func() { _ = syscall.Munmap(b) }
}
