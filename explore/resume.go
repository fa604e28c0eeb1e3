package explore

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// This file goes on with a breadth-first search from a checkpoint (save.go says why that is the same
// search). The states go to the workers of this search, which need not be as many as those of the one
// that was left.

// resume puts the search where the checkpoint left it.
func (b *bfs) resume() error {
	f, err := os.Open(b.o.Resume)
	if err != nil {
		return fmt.Errorf("the checkpoint cannot be read: %w", err)
	}
	defer f.Close()
	h, err := verify(f)
	if err == nil {
		err = h.agrees(b.engine)
	}
	if err == nil {
		err = b.load(bufio.NewReaderSize(f, 1<<18), h)
	}
	if err != nil {
		return fmt.Errorf("%s cannot be resumed: %w", b.o.Resume, err)
	}
	return nil
}

var errTooLarge = errors.New("its states need more memory than --max-memory allows")

// load takes the states and the tallies.
func (b *bfs) load(in *bufio.Reader, h *header) error {
	b.begun = true
	share := h.States / b.owners
	for _, w := range b.workers {
		if !w.table.roomFor(share + share/64 + firstSlots) {
			return errTooLarge
		}
	}
	s, buf := make([]uint64, h.Words), make([]byte, 1+8*h.Words)
	for range h.States {
		if _, err := io.ReadFull(in, buf); err != nil {
			return errCorrupt
		}
		words(s, buf[1:])
		hash := mix(s)
		if ok := b.workers[b.owner(hash)].table.restore(s, hash, buf[0]); !ok {
			return errTooLarge
		}
	}
	b.stored.Store(h.States)
	var left []uint64
	for i, n := range h.Queues {
		for range n {
			if _, err := io.ReadFull(in, buf[1:]); err != nil {
				return errCorrupt
			}
			words(s, buf[1:])
			if i == 2 {
				left = append(left, s...)
			} else if !b.workers[b.owner(mix(s))].push(s) {
				return errTooLarge
			}
		}
		if i == 0 {
			b.turn()
		}
	}
	b.restore(h, left)
	return nil
}

// words reads a state.
func words(s []uint64, buf []byte) {
	for i := range s {
		s[i] = binary.LittleEndian.Uint64(buf[8*i:])
	}
}

// restore takes the tallies, and stores what was left over.
func (b *bfs) restore(h *header, left []uint64) {
	b.depth, b.midway = h.Depth, h.Midway
	b.engine.trans, b.engine.reached, b.engine.failed = h.Transitions, h.Reached, h.Failed
	if h.When != nil {
		b.when = h.When
	}
	first := b.workers[0]
	first.failed, first.stuck = h.NewFailed, h.NewStuck
	for _, w := range b.workers {
		w.table.depth = uint8(h.Depth + 1)
	}
	for i := 0; i < len(left); i += h.Words {
		s := left[i : i+h.Words]
		b.workers[b.owner(mix(s))].store(s)
	}
	if b.o.First && b.engine.failed != 0 {
		b.halt(AtFirst)
	}
}
