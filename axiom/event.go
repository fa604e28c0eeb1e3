package axiom

import (
	"ctcheck/model"
	"ctcheck/threads"
)

// Flags of an access.
type flags uint32

const (
	isRead flags = 1 << iota
	isWrite
	isInit      // the write of a cell's initial value
	isPlain     // a plain access of C
	isAcquire   // a read that is one
	isRelease   // a write that is one
	isMb        // half of a fully ordered read-modify-write
	isNoReturn  // the read of a read-modify-write that returns nothing
	isRMW       // of a read-modify-write, one that fails too
	isLockRead  // LKR of the model: the read with which a lock is taken
	isLockWrite // LKW
	isUnlock    // UL
	isLocked    // LF: a read that finds a lock taken
	isUnlocked  // RU: a read that finds it free
	isSrcuLock
	isSrcuUnlock

	isOfLock = isLockRead | isLockWrite | isUnlock | isLocked | isUnlocked
)

// An event is an access of an execution graph. Threads' accesses are numbered in the order in which they were
// found, which is not that of the program between threads.
type event struct {
	flags
	thread int16 // -1 of the initial writes
	nth    int16 // among the accesses of its thread
	cell   int32
	val    int32 // what is written; of a read, the value that stands for what it finds
	pair   int32 // the other half of a read-modify-write; -1
	instr  *threads.Instr
}

func (e *event) is(f flags) bool { return e.flags&f != 0 }

// A mark is what a thread does between accesses: a barrier, or the beginning or end of a grace period or of a
// reader's critical section. It comes before the access of its thread with the number at, if there is one.
type mark struct {
	thread int16
	at     int16
	order  int16 // among all marks
	cell   int32 // of SRCU; -1
	instr  *threads.Instr
}

// flagsOf is what the order of an access makes of it; read and write say which half is meant.
func flagsOf(in *threads.Instr, half flags) flags {
	f := half
	switch in.Order {
	case model.Plain:
		f |= isPlain
	case model.Acquire:
		if half == isRead {
			f |= isAcquire
		}
	case model.Release:
		if half == isWrite {
			f |= isRelease
		}
	case model.Full:
		if in.Op == threads.Modify {
			f |= isMb
		}
	}
	if in.Op == threads.Modify {
		f |= isRMW
		if in.Void && half == isRead {
			f |= isNoReturn
		}
	}
	return f
}
