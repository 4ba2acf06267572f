// Command load is the shop's traffic: workers that read orders and categories as
// fast as they are answered, and quotes at a steady pace. It ends after -for, or
// as soon as the shop is gone.
package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

type traffic struct {
	base    string
	client  *http.Client
	stop    chan struct{}
	once    sync.Once
	answers [600]atomic.Int64 // by HTTP status
}

func main() {
	base := flag.String("url", "", "where the shop listens, http://127.0.0.1:PORT")
	length := flag.Duration("for", time.Minute, "how long to go on")
	workers := flag.Int("workers", 4, "readers of orders and categories")
	pace := flag.Duration("quote-every", 52*time.Millisecond, "time between two quotes")
	flag.Parse()
	if *base == "" {
		fmt.Fprintln(os.Stderr, "load: -url is missing")
		os.Exit(2)
	}

	t := &traffic{
		base:   *base,
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}, Timeout: 10 * time.Second},
		stop:   make(chan struct{}),
	}
	time.AfterFunc(*length, t.end)

	var group sync.WaitGroup
	for worker := 0; worker < *workers; worker++ {
		group.Add(1)
		go func() {
			defer group.Done()
			t.read(worker)
		}()
	}
	t.quotes(*pace, &group)
	group.Wait()
	for status := range t.answers {
		if count := t.answers[status].Load(); count > 0 {
			fmt.Printf("load: %6d answers with status %d\n", count, status)
		}
	}
}

// popular are the categories that visitors open: All, Books, Kitchen and Toys.
var popular = []int{1, 2, 4, 7}

// read asks for orders in a fixed order, and every fifth time for a category.
func (t *traffic) read(worker int) {
	for n := worker * 1000; !t.ended(); n++ {
		if n%5 == 0 {
			t.get(fmt.Sprintf("/catalog/tree/%d", popular[n/5%len(popular)]))
		} else {
			t.get(fmt.Sprintf("/orders/%d", 1+n*7919%30000))
		}
	}
}

func (t *traffic) quotes(pace time.Duration, group *sync.WaitGroup) {
	ticker := time.NewTicker(pace)
	defer ticker.Stop()
	for n := 0; !t.ended(); n++ {
		<-ticker.C
		group.Add(1)
		go func() {
			defer group.Done()
			t.get(fmt.Sprintf("/quote?sku=SKU-%05d", n*37%50000))
		}()
	}
}

func (t *traffic) get(path string) {
	response, err := t.client.Get(t.base + path)
	if err != nil {
		t.end()
		return
	}
	defer response.Body.Close()
	io.Copy(io.Discard, response.Body)
	t.answers[response.StatusCode].Add(1)
}

func (t *traffic) end() { t.once.Do(func() { close(t.stop) }) }

func (t *traffic) ended() bool {
	select {
	case <-t.stop:
		return true
	default:
		return false
	}
}
