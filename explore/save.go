package explore

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"ctcheck/internal/replace"
	"ctcheck/verdict"
)

// This file writes checkpoints of a breadth-first search (checkpoint.go has the format).
//
// A search can be left after any block of states: every state is then expanded with all its successors
// stored, or not at all. So to make a checkpoint the workers stop taking blocks, and finish with what
// they have expanded. What is left of the layer, the next layer so far, and the tallies are all that
// there is besides the table, and no transition is counted twice. Where a bound keeps successors out
// of the table, they are written down as left over, to be stored by the search that goes on.
//
// A layer at the depth bound, in which the search only looks at what lies beyond, is not saved: the
// checkpoint is made before it.
//
// At every time there is a whole file or none (package replace). It is written from the table as it lies,
// without a second copy of it.

// A saver writes the checkpoints of one search.
type saver struct {
	path     string
	interval time.Duration
	timer    *time.Timer
	written  bool
	err      error // of the last attempt
}

func newSaver(o Options) *saver {
	if o.Checkpoint == "" {
		return nil
	}
	return &saver{path: o.Checkpoint, interval: o.CheckpointEvery}
}

// probe reports, as an error, why a checkpoint could not be written, before the search begins.
func probe(path string) error {
	if _, err := thisBuild(); err != nil {
		return fmt.Errorf("the checkpoint cannot be written: %w", err)
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("the checkpoint cannot be written: %s is there and is no file", path)
	}
	if ok, err := isCheckpoint(path); err != nil {
		return fmt.Errorf("the checkpoint cannot be written: %w", err)
	} else if !ok {
		return fmt.Errorf("the checkpoint cannot be written: %s is there and is no checkpoint; "+
			"name another file", path)
	}
	if err := replace.Probe(path); err != nil {
		return fmt.Errorf("the checkpoint cannot be written: %w", err)
	}
	return nil
}

// every pauses the search for a checkpoint every so often, until it is told to stop.
func (v *saver) every(b *parallelBFS) {
	if v != nil && v.interval > 0 {
		v.timer = time.AfterFunc(v.interval, func() { b.brake.pausing.Store(true) })
	}
}

func (v *saver) stop() {
	if v != nil && v.timer != nil {
		v.timer.Stop()
		v.timer = nil
	}
}

// saveWhole writes a checkpoint of a search that is over, if one is due, while claims on whole runs are decided.
// There is nothing to add to it later.
func (b *parallelBFS) saveWhole() {
	if b != nil && b.saver != nil && b.saver.timer != nil && b.brake.pausing.Swap(false) {
		b.saver.stop()
		b.saver.save(b, b.counts.depth+1)
	}
}

// save writes a checkpoint of a search whose workers rest, in the layer at this depth.
func (v *saver) save(b *parallelBFS, depth int) {
	if v == nil || b.atBound {
		return
	}
	for _, w := range b.workers {
		if w.err != nil {
			return // the program is at fault
		}
	}
	back := b.in.o.Progress.within("checkpoint")
	v.err = v.replace(b, depth)
	back()
	v.written = v.written || v.err == nil
	if v.timer != nil {
		v.timer.Reset(v.interval)
	}
}

func (v *saver) replace(b *parallelBFS, depth int) error {
	return replace.File(v.path, 0o600, func(f io.Writer) error {
		sum := sha256.New()
		w := bufio.NewWriterSize(io.MultiWriter(f, sum), 1<<18)
		if err := b.writeTo(w, depth); err != nil {
			return err
		}
		if err := w.Flush(); err != nil {
			return err
		}
		_, err := f.Write(sum.Sum(nil))
		return err
	})
}

// report says in the result what became of the checkpoints.
func (v *saver) report(r *verdict.Result) {
	if v == nil {
		return
	}
	if r.Search.CheckpointErr = v.err; v.written && r.Bound != verdict.NoBound {
		r.Search.Checkpoint = v.path
	}
}

// header says where the search stands.
func (b *parallelBFS) header(depth int) *header {
	build, _ := thisBuild() // which was known before the search began
	h := &header{Settings: b.settings(), Build: build, Program: fingerprint(b.in.m), Words: b.in.m.Words(),
		Depth: depth, Midway: b.midway, Unsettled: b.reduce.undecided, StandFor: b.counts.standFor,
		Transitions: b.counts.transitions, Pruned: [2]uint64{b.counts.prunedStates, b.counts.prunedSteps},
		Room: b.in.m.Options().BufferSizes, Outgrew: b.bounds.outgrew, Reached: b.found.reached,
		Failed: b.found.failed,
		When:   b.when}
	for p := range b.found.lassos {
		h.Failed &^= 1 << p // whole runs are looked for anew, since their traces are not written down
	}
	for _, w := range b.workers {
		h.States += w.table.Len()
		for i, q := range w.queues() {
			for _, c := range q {
				h.Queues[i] += uint64(len(c.Words) / h.Words)
			}
		}
		h.Transitions += w.counts.transitions
		h.StandFor += w.counts.standFor
		h.Reached |= w.reached
		h.Outgrew |= w.outgrew
		h.Pruned[0] += w.counts.prunedStates
		h.Pruned[1] += w.counts.prunedSteps
		h.NewFailed |= w.failed
		h.NewStuck |= w.stuck
	}
	return h
}

// writeTo writes all of a checkpoint but the checksum.
func (b *parallelBFS) writeTo(out *bufio.Writer, depth int) error {
	h := b.header(depth)
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	// A write that fails makes all later ones fail, and Flush tell.
	_, _ = out.WriteString(checkpointMagic)
	_ = out.WriteByte(checkpointFormat)
	_, _ = out.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(text))))
	_, _ = out.Write(text)
	buf := make([]byte, 0, 1+8*h.Words)
	for _, w := range b.workers {
		for s, depth := range w.table.AllWithDepth {
			buf = append(buf[:0], depth)
			for _, x := range s {
				buf = binary.LittleEndian.AppendUint64(buf, x)
			}
			if _, err := out.Write(buf); err != nil {
				return err
			}
		}
	}
	for i := range h.Queues {
		for _, w := range b.workers {
			for _, c := range w.queues()[i] {
				for _, x := range c.Words {
					if _, err := out.Write(binary.LittleEndian.AppendUint64(buf[:0], x)); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}
