// Package api is the HTTP face of the shop.
package api

import (
	"encoding/json"
	"log"
	"net/http"
	"strconv"
	"sync/atomic"

	"example.com/shop/internal/catalog"
	"example.com/shop/internal/ledger"
	"example.com/shop/internal/orders"
	"example.com/shop/internal/quote"
)

// API answers the shop's requests.
type API struct {
	book    *orders.Book
	tree    *catalog.Tree
	desk    *quote.Desk
	audit   *ledger.Ledger
	refused atomic.Uint64
}

// New returns the routes of the shop.
func New(book *orders.Book, tree *catalog.Tree, desk *quote.Desk, audit *ledger.Ledger) http.Handler {
	a := &API{book: book, tree: tree, desk: desk, audit: audit}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", a.health)
	mux.HandleFunc("GET /orders/{id}", a.order)
	mux.HandleFunc("GET /quote", a.quote)
	mux.HandleFunc("GET /catalog/tree/{id}", a.showTree)
	mux.HandleFunc("POST /catalog/move", a.moveCategory)
	return guard(mux)
}

// guard turns a panic of a handler into a 500. A stack overflow is no panic: it
// passes by every recover and ends the process.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if cause := recover(); cause != nil {
				log.Printf("api: %s %s: panic: %v", r.Method, r.URL.Path, cause)
				http.Error(w, "internal error", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func (a *API) health(w http.ResponseWriter, _ *http.Request) {
	reply(w, map[string]string{"status": "ok"})
}

func (a *API) order(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.Atoi(r.PathValue("id"))
	invoice, ok := a.book.Invoice(id)
	if !ok {
		http.Error(w, "no such order", http.StatusNotFound)
		return
	}
	a.audit.Append("order", id)
	reply(w, invoice)
}

func (a *API) quote(w http.ResponseWriter, r *http.Request) {
	sku := r.URL.Query().Get("sku")
	offer, err := a.desk.Ask(r.Context(), sku)
	if err != nil {
		if n := a.refused.Add(1); n <= 3 || n%20 == 0 {
			log.Printf("api: GET /quote: 503: %v (%d so far)", err, n)
		}
		http.Error(w, "suppliers are slow, try again", http.StatusServiceUnavailable)
		return
	}
	a.audit.Append("quote", offer.Cents)
	reply(w, offer)
}

func (a *API) showTree(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.Atoi(r.PathValue("id"))
	view, err := a.tree.View(id)
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	reply(w, view)
}

func (a *API) moveCategory(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.Atoi(r.FormValue("id"))
	to, _ := strconv.Atoi(r.FormValue("to"))
	if err := a.tree.Move(id, to); err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	log.Printf("api: POST /catalog/move: category %d is now below category %d", id, to)
	reply(w, map[string]int{"id": id, "parent": to})
}

func reply(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		log.Printf("api: reply: %v", err)
	}
}
