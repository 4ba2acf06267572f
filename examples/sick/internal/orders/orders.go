// Package orders holds the order book and prices an order on request.
package orders

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand"
	"sort"
)

// Line is one position of an order.
type Line struct {
	SKU   string `json:"sku"`
	Count int    `json:"count"`
	Cents int    `json:"cents"`
}

// Order is what a customer bought.
type Order struct {
	ID       int    `json:"id"`
	Customer string `json:"customer"`
	Lines    []Line `json:"lines"`
}

// Invoice is an order with its lines sorted, summed and signed.
type Invoice struct {
	Order
	TotalCents int    `json:"total_cents"`
	Signature  string `json:"signature"`
}

// Book is the order book; it does not change after Generate.
type Book struct {
	orders map[int]*Order
}

// Generate makes count orders that are the same in every run.
func Generate(count int) *Book {
	random := rand.New(rand.NewSource(7))
	book := &Book{orders: make(map[int]*Order, count)}
	for id := 1; id <= count; id++ {
		lines := make([]Line, 3+random.Intn(10))
		for i := range lines {
			lines[i] = Line{
				SKU:   fmt.Sprintf("SKU-%05d", random.Intn(50000)),
				Count: 1 + random.Intn(5),
				Cents: 99 + random.Intn(20000),
			}
		}
		book.orders[id] = &Order{ID: id, Customer: fmt.Sprintf("customer-%04d", random.Intn(5000)), Lines: lines}
	}
	return book
}

// Len is the number of orders.
func (b *Book) Len() int { return len(b.orders) }

// Invoice prices the order id; ok is false if there is none.
func (b *Book) Invoice(id int) (invoice Invoice, ok bool) {
	order, ok := b.orders[id]
	if !ok {
		return Invoice{}, false
	}
	invoice.Order = *order
	invoice.Lines = append([]Line(nil), order.Lines...)
	sort.Slice(invoice.Lines, func(i, j int) bool {
		return invoice.Lines[i].Cents*invoice.Lines[i].Count > invoice.Lines[j].Cents*invoice.Lines[j].Count
	})
	for _, line := range invoice.Lines {
		invoice.TotalCents += line.Cents * line.Count
	}
	invoice.Signature = sign(invoice)
	return invoice, true
}

// sign hashes the invoice a thousand times over, as a password hash would.
func sign(invoice Invoice) string {
	text, err := json.Marshal(invoice)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	for round := 0; round < 1000; round++ {
		sum = sha256.Sum256(sum[:])
	}
	return hex.EncodeToString(sum[:])
}
