package model

import "slices"

// This file names the memory models.

// MemoryModel says when the stores of one CPU are seen by the others.
type MemoryModel uint8

// The memory models.
const (
	SC  MemoryModel = iota // sequential consistency
	TSO                    // x86-TSO
)

var memoryNames = [...]string{"sc", "tso"}

func (m MemoryModel) String() string { return memoryNames[m] }

// Name is what the model is called in a sentence.
func (m MemoryModel) Name() string { return [...]string{"sequential consistency", "x86-TSO"}[m] }

// MemoryNames is the names of the memory models.
func MemoryNames() []string { return slices.Clone(memoryNames[:]) }

// ParseMemory is the memory model of that name.
func ParseMemory(name string) (mm MemoryModel, ok bool) {
	i := slices.Index(memoryNames[:], name)
	return MemoryModel(max(i, 0)), i >= 0
}
