package states

// A Frontier is the states that wait to be expanded in a search by layers: those of the current layer, and those of
// the next. It is for one goroutine. The states wait in chunks, which are used again when they are empty, and the
// last ones are taken first, for in a search by layers the order does not matter. What bounds it is memory, of
// which every new chunk is booked.
type Frontier struct {
	words     int // of an entry: a state, and what a search keeps with it
	marked    bool
	chunk     int // entries of a chunk
	book      func(delta int64) bool
	now, next queue
	spare     []Batch
}

// A queue is the states of one layer.
type queue struct {
	chunks []Batch
	n      int
}

// NewFrontier makes an empty frontier, for entries of so many words, with a mark if marked says so, in chunks of so
// many. It has the bytes of each chunk booked; if they are refused, it is full.
func NewFrontier(words int, marked bool, chunk int, book func(delta int64) bool) *Frontier {
	return &Frontier{words: words, marked: marked, chunk: chunk, book: book}
}

// Waiting is how many states of the current layer wait, and how many of the next.
func (f *Frontier) Waiting() (now, next int) { return f.now.n, f.next.n }

// NextLayer makes the next layer the current one.
func (f *Frontier) NextLayer() { f.now, f.next = f.next, f.now }

// Take moves the last states of the current layer into an empty batch, at most so many, and none from two chunks.
func (f *Frontier) Take(b *Batch, most int) {
	top := len(f.now.chunks) - 1
	if top < 0 {
		return
	}
	c := &f.now.chunks[top]
	all := len(c.Words) / f.words
	from := max(all-most, 0)
	b.Words = append(b.Words, c.Words[from*f.words:]...)
	c.Words = c.Words[:from*f.words]
	if f.marked {
		b.Marks = append(b.Marks, c.Marks[from:]...)
		c.Marks = c.Marks[:from]
	}
	if from == 0 {
		f.spare = append(f.spare, *c)
		f.now.chunks = f.now.chunks[:top]
	}
	f.now.n -= all - from
}

// Push adds a state to the next layer, and its mark if there are marks. It reports whether there was room.
func (f *Frontier) Push(s []uint64, mark uint8) bool {
	top := len(f.next.chunks) - 1
	if top < 0 || len(f.next.chunks[top].Words) == f.chunk*f.words {
		if !f.open() {
			return false
		}
		top++
	}
	c := &f.next.chunks[top]
	c.Words = append(c.Words, s...)
	if f.marked {
		c.Marks = append(c.Marks, mark)
	}
	f.next.n++
	return true
}

// open gives the next layer another chunk.
func (f *Frontier) open() bool {
	var c Batch
	if n := len(f.spare); n > 0 {
		c, f.spare = f.spare[n-1], f.spare[:n-1]
	} else {
		marks := 0
		if f.marked {
			marks = f.chunk
		}
		if !f.book(int64(8*f.chunk*f.words + marks)) {
			return false
		}
		c = Batch{Words: make([]uint64, 0, f.chunk*f.words), Marks: make([]uint8, 0, marks)}
	}
	f.next.chunks = append(f.next.chunks, c)
	return true
}

// Layers is the states that wait: of the current layer, and of the next.
func (f *Frontier) Layers() (now, next []Batch) { return f.now.chunks, f.next.chunks }
