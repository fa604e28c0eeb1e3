package explore

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"ctcheck/states"
	"ctcheck/verdict"
)

// This file goes on with a breadth-first search from a checkpoint (save.go says why that is the same
// search). The states go to the workers of this search, which need not be as many as those of the one
// that was left.

// resume puts the search where the checkpoint left it.
func (b *parallelBFS) resume() error {
	f, err := openCheckpoint(b.in.o.Resume)
	if err != nil {
		return fmt.Errorf("the checkpoint cannot be read: %w", err)
	}
	defer f.Close()
	h, err := verify(f)
	if err == nil {
		err = h.agrees(b)
	}
	if err == nil {
		err = b.fits(h, f)
	}
	if err == nil && !h.credible(b) {
		err = errCorrupt
	}
	if err == nil {
		if h.Unsettled != "" {
			b.reduce.giveUp(h.Unsettled)
		}
		err = b.load(bufio.NewReaderSize(f, 1<<18), h)
	}
	if err != nil {
		return fmt.Errorf("%s cannot be resumed: %w", b.in.o.Resume, err)
	}
	return nil
}

// openCheckpoint opens a file, and nothing else: to open a pipe might wait for ever.
func openCheckpoint(path string) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a checkpoint of ctcheck, and no file", path)
	}
	return os.Open(path)
}

var errTooLarge = errors.New("its states need more memory than --max-memory allows")

// fits reports, as an error, that a file is not as long as its header says, or that the memory allowed
// has no room for its states. Where the tables then need a little more than that, the search is soon
// cut.
func (b *parallelBFS) fits(h *header, f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	at, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if rest := info.Size() - at - sha256.Size; rest < 0 || !h.fills(uint64(rest)) {
		return errCorrupt
	}
	waiting := uint64(8*h.Words) * (h.Queues[0] + h.Queues[1] + h.Queues[2])
	owners := uint64(len(b.workers))
	tables := owners * uint64(b.workers[0].table.BytesFor(h.States/owners))
	if limit := b.budget.limit; limit > 0 && tables+waiting > limit {
		return errTooLarge
	}
	return nil
}

// load takes the states and the tallies.
func (b *parallelBFS) load(in *bufio.Reader, h *header) error {
	share := h.States / uint64(len(b.workers))
	for _, w := range b.workers {
		w.table.RoomFor(share + 4*uint64(math.Sqrt(float64(share))))
	}
	c := b.newScreening(h)
	s, buf := make([]uint64, h.Words), make([]byte, 1+8*h.Words)
	for range h.States {
		if _, err := io.ReadFull(in, buf); err != nil {
			return errCorrupt
		}
		words(s, buf[1:])
		if !c.stored(s, buf[0]) {
			return errCorrupt
		}
		t := b.workers[b.owner(s)].table
		t.Depth = buf[0]
		if !t.Add(s, func(int) bool { return true }) {
			return errTooLarge // for the system: a bound does not hold yet
		}
	}
	b.stored.Store(h.States)
	left, err := b.loadQueues(in, c)
	if err != nil {
		return err
	}
	if !c.whole() || !c.newSecondLook(left).run() {
		return errCorrupt
	}
	b.restore(h, left)
	return nil
}

// loadQueues takes the states that wait, and returns those that are left over.
func (b *parallelBFS) loadQueues(in *bufio.Reader, c *screening) (left []uint64, err error) {
	s, buf := make([]uint64, c.h.Words), make([]byte, 8*c.h.Words)
	for i, n := range c.h.Queues {
		for range n {
			if _, err := io.ReadFull(in, buf); err != nil {
				return nil, errCorrupt
			}
			words(s, buf)
			if !c.waiting(s, i) {
				return nil, errCorrupt
			}
			if i == 2 {
				left = append(left, s...)
			} else {
				b.workers[b.owner(s)].frontier.Push(s, 0) // no CPU is done: that is not written down
			}
		}
		if i == 0 {
			b.turn()
		}
	}
	return left, nil
}

// words reads a state.
func words(s []uint64, buf []byte) {
	for i := range s {
		s[i] = binary.LittleEndian.Uint64(buf[8*i:])
	}
}

// restore takes the tallies, and stores what was left over.
func (b *parallelBFS) restore(h *header, left []uint64) {
	b.midway, b.budget.begun = h.Midway, true
	b.counts.depth, b.counts.transitions, b.counts.standFor = h.Depth, h.Transitions, h.StandFor
	b.counts.prunedStates, b.counts.prunedSteps = h.Pruned[0], h.Pruned[1]
	b.found.reached, b.found.failed, b.bounds.outgrew = h.Reached, h.Failed, h.Outgrew
	if h.When != nil {
		b.when = h.When
	}
	first := b.workers[0]
	first.failed, first.stuck = h.NewFailed, h.NewStuck
	for _, w := range b.workers {
		w.table.Depth = uint8(h.Depth + 1)
	}
	for i := 0; i < len(left); i += h.Words {
		s := left[i : i+h.Words]
		b.workers[b.owner(s)].store(states.Batch{Words: s, Marks: make([]uint8, 1)})
	}
	if b.in.o.First && b.found.failed != 0 {
		b.brake.halt(verdict.AtFirst)
	}
}
