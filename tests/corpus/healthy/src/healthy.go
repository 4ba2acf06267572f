// Services in good health, and their goroutine dumps (runtime.Stack, all). argv: http | pool | pipeline | timers
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"sync"
	"time"
)

func dump() {
	b := make([]byte, 4<<20)
	os.Stdout.Write(b[:runtime.Stack(b, true)])
}

// idleServer has answered, and keeps 12 connections open for the next requests.
func idleServer() {
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(20 * time.Millisecond)
		fmt.Fprint(w, "ok")
	}))
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 12}}
	var wg sync.WaitGroup
	for i := 0; i < 12; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			r, err := client.Get(ts.URL)
			if err == nil {
				io.Copy(io.Discard, r.Body)
				r.Body.Close()
			}
		}()
	}
	wg.Wait()
	time.Sleep(50 * time.Millisecond)
	dump()
}

type pool struct{ jobs chan func() }

func (p *pool) work() {
	for job := range p.jobs {
		job()
	}
}

// idlePool waits for work: 64 workers on one channel, a result reader, a signal loop.
func idlePool() {
	p := &pool{jobs: make(chan func())}
	for i := 0; i < 64; i++ {
		go p.work()
	}
	done := make(chan struct{})
	p.jobs <- func() { close(done) }
	<-done
	time.Sleep(50 * time.Millisecond)
	dump()
}

func send(out chan<- int, n int) {
	for {
		out <- n
	}
}

// pipeline is under back-pressure: 8 producers wait for one slow consumer, as they should.
func pipeline() {
	values := make(chan int, 4)
	for i := 0; i < 8; i++ {
		go send(values, i)
	}
	for i := 0; i < 5; i++ {
		<-values
		time.Sleep(5 * time.Millisecond)
	}
	dump()
}

func tick(ctx context.Context, every time.Duration) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
	}
}

// timers is a daemon between two rounds: tickers, a cond queue, a mutex held for a moment.
func timers() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for i := 0; i < 5; i++ {
		go tick(ctx, time.Hour)
	}
	var mu sync.Mutex
	cond := sync.NewCond(&mu)
	go func() { mu.Lock(); defer mu.Unlock(); cond.Wait() }()
	time.Sleep(20 * time.Millisecond)
	mu.Lock()
	for i := 0; i < 3; i++ {
		go func() { mu.Lock(); defer mu.Unlock() }()
	}
	time.Sleep(20 * time.Millisecond)
	dump()
	mu.Unlock()
}

func main() {
	switch os.Args[1] {
	case "http":
		idleServer()
	case "pool":
		idlePool()
	case "pipeline":
		pipeline()
	case "timers":
		timers()
	}
}
