// Package quote asks the suppliers for a price and takes the best offer.
package quote

import (
	"context"
	"fmt"
	"hash/fnv"
	"sync/atomic"
	"time"
)

// Offer is a supplier's price for one piece.
type Offer struct {
	Supplier string `json:"supplier"`
	Cents    int    `json:"cents"`
}

// Desk asks every supplier at once and waits no longer than the deadline.
type Desk struct {
	deadline  time.Duration
	suppliers []*supplier
}

// NewDesk opens a desk whose requests end after deadline.
func NewDesk(deadline time.Duration) *Desk {
	return &Desk{deadline: deadline, suppliers: []*supplier{
		{name: "harbour", usual: 3 * time.Millisecond},
		{name: "meadow", usual: 5 * time.Millisecond},
		{name: "summit", usual: 8 * time.Millisecond, stallEvery: 6},
	}}
}

// Ask returns the cheapest offer for the SKU.
//
// Sick: offers is unbuffered. When the deadline comes first, Ask returns and
// nobody ever receives from offers again: each supplier that answers later is a
// goroutine blocked in its send for the rest of the process's life.
func (d *Desk) Ask(ctx context.Context, sku string) (Offer, error) {
	ctx, cancel := context.WithTimeout(ctx, d.deadline)
	defer cancel()

	offers := make(chan Offer)
	for _, s := range d.suppliers {
		go func() {
			offers <- s.price(sku)
		}()
	}

	var best Offer
	for range d.suppliers {
		select {
		case offer := <-offers:
			if best.Supplier == "" || offer.Cents < best.Cents {
				best = offer
			}
		case <-ctx.Done():
			return Offer{}, fmt.Errorf("quote for %s: %w", sku, ctx.Err())
		}
	}
	return best, nil
}

// supplier stands for a remote price service.
type supplier struct {
	name       string
	usual      time.Duration // how long an answer takes
	stallEvery uint64        // every n-th answer takes far longer; 0 = never
	calls      atomic.Uint64
}

func (s *supplier) price(sku string) Offer {
	call := s.calls.Add(1)
	time.Sleep(s.usual)
	if s.stallEvery > 0 && call%s.stallEvery == 0 {
		time.Sleep(50 * s.usual)
	}
	sum := fnv.New32a()
	sum.Write([]byte(s.name))
	sum.Write([]byte(sku))
	return Offer{Supplier: s.name, Cents: 99 + int(sum.Sum32()%20000)}
}
