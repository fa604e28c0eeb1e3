package states

// A Batch is states one after the other, each with a byte that goes with it, if the batch has marks.
type Batch struct {
	Words []uint64
	Marks []uint8
}

// Reset empties the batch.
func (b *Batch) Reset() { b.Words, b.Marks = b.Words[:0], b.Marks[:0] }

// Add appends a state.
func (b *Batch) Add(s []uint64, mark uint8) {
	b.Words, b.Marks = append(b.Words, s...), append(b.Marks, mark)
}
