package explore

import "slices"

// This file is the search tree of a breadth-first search with a lossy store, which has no states to find traces by.
// So each state that waits to be expanded has a node, which names the node of the state that it was reached from,
// and the transition. A node is dropped when its state has been expanded and nothing that waits descends from it.
// What is kept is the tree above the frontier, which is thin where the runs meet, rather than all states. The trace
// of a violation is the way up. What bounds the tree is memory, which is booked by who grows it.

// A node is a state that waits or that some waiting state descends from.
type node struct {
	parent uint32 // in a node that is not in use, the next such
	kids   uint32
	via    uint16
}

// nodeBytes is the size of a node, and nodeChunk how many are made at once.
const (
	nodeBytes = 12
	nodeChunk = 1 << 10
)

// A tree is nodes by number; number 0 stands above the initial state.
type tree struct {
	chunks [][]node
	unused uint32 // the first node not in use, 0 for none
}

func (t *tree) at(i uint32) *node { return &t.chunks[i/nodeChunk][i%nodeChunk] }

// grow makes more nodes. It reports whether there are numbers for them.
func (t *tree) grow() bool {
	first := uint32(len(t.chunks)) * nodeChunk
	if len(t.chunks) >= 1<<32/nodeChunk-1 {
		return false
	}
	t.chunks = append(t.chunks, make([]node, nodeChunk))
	for i := first + nodeChunk - 1; i > first; i-- {
		t.at(i).parent, t.unused = t.unused, i
	}
	if first > 0 {
		t.at(first).parent, t.unused = t.unused, first
	}
	return true
}

// add makes a node below another; there must be one not in use.
func (t *tree) add(parent uint32, via uint16) uint32 {
	i := t.unused
	n := t.at(i)
	t.unused = n.parent
	*n = node{parent: parent, via: via}
	t.at(parent).kids++
	return i
}

// expanded drops the node of a state that has been expanded, if nothing descends from it, and what is
// above it, if nothing else does.
func (t *tree) expanded(i uint32) {
	for i != 0 && t.at(i).kids == 0 {
		n := t.at(i)
		up := n.parent
		n.parent, t.unused = t.unused, i
		i = up
		t.at(i).kids--
	}
}

// path is the transitions on the way to a node.
func (t *tree) path(i uint32) (path []uint16) {
	for ; i != 0; i = t.at(i).parent {
		path = append(path, t.at(i).via)
	}
	slices.Reverse(path)
	return path
}
