// Package ledger keeps the audit trail: who was shown what, as a hash chain.
package ledger

import (
	"crypto/sha256"
	"encoding/json"
	"sync"
	"time"
)

// Entry is one line of the trail. Prev makes it a chain: entry N cannot be
// sealed before entry N-1.
type Entry struct {
	Seq  uint64            `json:"seq"`
	Kind string            `json:"kind"`
	ID   int               `json:"id"`
	At   time.Time         `json:"at"`
	Prev [sha256.Size]byte `json:"prev"`
}

// Ledger holds the last entries of the trail in a ring.
type Ledger struct {
	mu   sync.Mutex
	ring []Entry
	next uint64
	seal [sha256.Size]byte
}

// New returns an empty trail that remembers size entries.
func New(size int) *Ledger {
	return &Ledger{ring: make([]Entry, size)}
}

// Append seals one entry onto the chain and returns its number.
//
// Sick: encoding and hashing happen under the one lock of the service, so every
// order, quote and category waits here for every other.
func (l *Ledger) Append(kind string, id int) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()

	entry := Entry{Seq: l.next, Kind: kind, ID: id, At: time.Now().UTC(), Prev: l.seal}
	line, err := json.Marshal(entry)
	if err != nil {
		line = []byte(kind)
	}
	l.seal = sha256.Sum256(line)
	l.ring[l.next%uint64(len(l.ring))] = entry
	l.next++
	return entry.Seq
}
