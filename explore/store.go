package explore

import (
	"fmt"
	"slices"
)

// A Store is a way to remember the states visited. The lossy ones remember less of a state than tells
// it from all others, so that more states fit into memory. They may take a state for one that they
// have seen, and then miss it and what lies behind it; so a search with one never says HOLDS. What is
// violated is violated all the same: its trace is replayed.
type Store uint8

// The stores.
const (
	Exact    Store = iota
	Bitstate       // a few bits a state in one array ([states.Bitset])
	Hash128        // a fingerprint of 128 bits a state ([states.HashCompaction])
)

var storeNames = [...]string{"exact", "bitstate", "hash128"}

func (s Store) String() string { return storeNames[s] }

// StoreNames is the names of all stores.
func StoreNames() []string { return slices.Clone(storeNames[:]) }

// ParseStore is the store with this name. The error says that there is none.
func ParseStore(name string) (Store, error) {
	if i := slices.Index(storeNames[:], name); i >= 0 {
		return Store(i), nil
	}
	return 0, fmt.Errorf("there is no store %q", name)
}
