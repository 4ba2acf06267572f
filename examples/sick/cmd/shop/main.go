// Command shop is a small order and catalog service that is sick in three ways,
// each a classic of Go services in production:
//
//   - internal/quote abandons senders on an unbuffered channel at every 503;
//   - internal/ledger holds one lock for everybody over slow work;
//   - internal/catalog lets a category be moved below its own child, and the
//     next walk over that category ends the process.
//
// It is what gopsy is shown on; ../../../incident holds what one run left behind.
package main

import (
	"flag"
	"log"
	"net"
	"net/http"
	"net/http/pprof"
	"runtime"
	"time"

	"example.com/shop/internal/api"
	"example.com/shop/internal/catalog"
	"example.com/shop/internal/ledger"
	"example.com/shop/internal/orders"
	"example.com/shop/internal/quote"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "loopback address to listen on")
	flag.Parse()
	log.SetFlags(log.LstdFlags | log.Lmicroseconds)

	runtime.SetMutexProfileFraction(1)
	runtime.SetBlockProfileRate(int(10 * time.Microsecond))

	audit := ledger.New(4096)
	book := orders.Generate(30000)
	tree := catalog.NewTree(audit)
	log.Printf("shop: %d orders, %d categories loaded", book.Len(), tree.Len())

	mux := http.NewServeMux()
	mux.Handle("/", api.New(book, tree, quote.NewDesk(120*time.Millisecond), audit))
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)

	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatalf("shop: %v", err)
	}
	log.Printf("shop: listening on %s", listener.Addr())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	log.Fatalf("shop: %v", server.Serve(listener))
}
