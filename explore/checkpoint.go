package explore

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"ctcheck/machine"
)

// This file is the file format of a checkpoint: what a breadth-first search has found, and where it
// stands, for another process to go on with.
//
//	magic    "ctcheck checkpoint" and a line feed
//	format   one byte
//	length   of the header, 8 bytes
//	header   JSON: what the search is of, its tallies, and how many states follow
//	states   each with its distance modulo 256, one byte, and its words
//	queues   the words of the states to expand: of this layer, of the next, and those left over
//	checksum SHA-256 of all before it
//
// Numbers are little endian. A file is read in two passes: the first compares the checksum, so that
// nothing is ever taken from a file that is damaged; the second compares what it says with the program
// (credible.go). A checkpoint is of one compiled program, one set of parameters and one build of ctcheck
// (build.go); any other is refused with what differs.

const (
	checkpointMagic  = "ctcheck checkpoint\n"
	checkpointFormat = 2
	// longestHeader bounds what is read before the checksum is known to be right.
	longestHeader = 1 << 20
)

// A Setting is one parameter of what is searched, as the user knows it.
type Setting struct{ Name, Value string }

// A header is what stands before the states.
type header struct {
	Settings []Setting
	Build    string // of the executable that wrote it
	Program  string // the machine's fingerprint
	Words    int
	States   uint64
	Queues   [3]uint64 // states of this layer, of the next, left over
	Depth    int       // of the layer
	Midway   bool      // it is partly expanded
	Room     []int     // of the store buffers
	Outgrew  uint64    // CPUs that need more
	StandFor uint64    // states that the stored ones stand for, in a reduced search
	Pruned   [2]uint64 // states in which steps were left out, and these
	// Unsettled says why the search is made without the reductions that were asked for; empty: it is made
	// with them.
	Unsettled string

	Transitions uint64
	Reached     uint64
	Failed      uint64      // violated in the layers before
	When        map[int]int // after so many steps
	NewFailed   uint64      // violated in this layer, by a state or step beyond it
	NewStuck    uint64      // by a state of it
}

// errCorrupt is the fault of a file that was damaged after it was written.
var errCorrupt = errors.New("it is damaged or cut short")

// fingerprint is the machine's in a header.
func fingerprint(m *machine.Machine) string {
	f := m.Fingerprint()
	return hex.EncodeToString(f[:])
}

// settings is what a checkpoint must agree in.
func (b *parallelBFS) settings() []Setting {
	// Whether steps are left out also depends on bounds, which may differ.
	reduce := b.reduce.asked &^ PartialOrder
	if b.reduce.persistent != nil {
		reduce |= PartialOrder
	}
	return append(slices.Clone(b.in.o.Settings), Setting{"search", "bfs"},
		Setting{"store", b.in.o.Store.String()}, Setting{"reduce", reduce.String()})
}

// verify reads a whole file and leaves it at the first byte after the header.
func verify(f *os.File) (*header, error) {
	head := make([]byte, len(checkpointMagic)+1)
	if _, err := io.ReadFull(f, head); err != nil || string(head[:len(head)-1]) != checkpointMagic {
		return nil, errors.New("it is not a checkpoint of ctcheck")
	}
	if v := head[len(head)-1]; v != checkpointFormat {
		return nil, fmt.Errorf("it has format %d, and this version of ctcheck reads format %d", v,
			checkpointFormat)
	}
	if err := verifySum(f); err != nil {
		return nil, err
	}
	if _, err := f.Seek(int64(len(head)), io.SeekStart); err != nil {
		return nil, err
	}
	var n [8]byte
	if _, err := io.ReadFull(f, n[:]); err != nil {
		return nil, errCorrupt
	}
	length := binary.LittleEndian.Uint64(n[:])
	if length > longestHeader {
		return nil, errCorrupt
	}
	text, h := make([]byte, length), &header{}
	if _, err := io.ReadFull(f, text); err != nil || json.Unmarshal(text, h) != nil {
		return nil, errCorrupt
	}
	return h, nil
}

// verifySum compares the checksum at the end of a file.
func verifySum(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	body := info.Size() - sha256.Size
	if body < 0 {
		return errCorrupt
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	sum, want := sha256.New(), make([]byte, sha256.Size)
	if _, err := io.CopyN(sum, f, body); err != nil {
		return errCorrupt
	}
	if _, err := io.ReadFull(f, want); err != nil || !bytes.Equal(sum.Sum(nil), want) {
		return errCorrupt
	}
	return nil
}

// agrees reports, as an error, in what a header differs from the search that is to go on with it.
func (h *header) agrees(b *parallelBFS) error {
	build, err := thisBuild()
	if err != nil {
		return err
	}
	if !h.printable() {
		return errCorrupt
	}
	if h.Build != build {
		return errors.New("it is of another build of ctcheck, which may search otherwise")
	}
	var diffs []string
	mine := b.settings()
	find := func(in []Setting, name string) string {
		for _, s := range in {
			if s.Name == name {
				return s.Value
			}
		}
		return "nothing"
	}
	for _, s := range mine {
		if was := find(h.Settings, s.Name); was != s.Value {
			diffs = append(diffs, fmt.Sprintf("%s was %s and is %s", s.Name, was, s.Value))
		}
	}
	for _, s := range h.Settings {
		if find(mine, s.Name) == "nothing" {
			diffs = append(diffs, fmt.Sprintf("%s was %s and is nothing", s.Name, s.Value))
		}
	}
	switch {
	case len(diffs) > 0:
		return fmt.Errorf("it is of another search: %s", strings.Join(diffs, ", "))
	case h.Program != fingerprint(b.in.m) || h.Words != b.in.m.Words():
		return errors.New("it is of another program: the model or its properties were changed since")
	}
	far := h.farthest()
	if limit := b.in.o.MaxDepth; limit > 0 && far > limit {
		return fmt.Errorf("it has states at distance %d, more than --max-depth %d", far, limit)
	}
	return nil
}

// bufferSizesIn is the sizes that store buffers had in the search that a checkpoint is of; nil if it does not
// say, or is no checkpoint.
func bufferSizesIn(path string) []int {
	f, err := openCheckpoint(path)
	if err != nil {
		return nil // that is told where the search begins
	}
	defer f.Close()
	h, err := verify(f)
	if err != nil {
		return nil
	}
	return h.Room
}

// isCheckpoint reports whether a file may be replaced by a checkpoint: it is one, or empty, or not
// there.
func isCheckpoint(path string) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	head := make([]byte, len(checkpointMagic))
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return false, err
	}
	return n == 0 || string(head[:n]) == checkpointMagic, nil
}
