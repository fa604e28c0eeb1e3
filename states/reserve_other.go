//go:build !linux || 386 || arm || mips || mipsle

package states

// reserve is a long range of zeroed words, and a function that gives it back; nil if the system does
// not give one.
func reserve() (words []uint64, free func()) { return nil, nil }
