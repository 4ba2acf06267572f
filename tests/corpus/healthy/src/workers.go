// More services in good health, and their goroutine dumps. argv: NAME FORM
// NAME: requests | background | errgroup | stages | database | streams | shutdown
// FORM: stack (runtime.Stack, all) | d1 (debug=1) | d2 (debug=2)
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"sync"
	"syscall"
	"time"
)

func dump() {
	switch os.Args[2] {
	case "d1":
		pprof.Lookup("goroutine").WriteTo(os.Stdout, 1)
	case "d2":
		pprof.Lookup("goroutine").WriteTo(os.Stdout, 2)
	default:
		b := make([]byte, 4<<20)
		os.Stdout.Write(b[:runtime.Stack(b, true)])
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// requests: a server whose handlers call another one with timeouts, and read every body; all in flight.
func requests() {
	back := must(net.Listen("tcp", "127.0.0.1:0"))
	go (&http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "some ")
		w.(http.Flusher).Flush()
		time.Sleep(200 * time.Millisecond)
		fmt.Fprint(w, "words")
	})}).Serve(back)
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 20}}
	front := must(net.Listen("tcp", "127.0.0.1:0"))
	go (&http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req := must(http.NewRequestWithContext(r.Context(), "GET", "http://"+back.Addr().String(), nil))
		resp, err := client.Do(req)
		if err != nil {
			return
		}
		defer resp.Body.Close()
		io.Copy(w, resp.Body)
	})}).Serve(front)
	for i := 0; i < 10; i++ {
		go func() {
			r, err := client.Get("http://" + front.Addr().String())
			if err == nil {
				io.ReadAll(r.Body)
				r.Body.Close()
			}
		}()
	}
	time.Sleep(100 * time.Millisecond)
	dump()
}

type cache struct {
	mu   sync.Mutex
	data map[string]int
	stop chan struct{}
}

func newCache() *cache {
	c := &cache{data: map[string]int{}, stop: make(chan struct{})}
	go c.janitor()
	return c
}

func (c *cache) janitor() {
	t := time.NewTicker(time.Minute)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			c.mu.Lock()
			clear(c.data)
			c.mu.Unlock()
		case <-c.stop:
			return
		}
	}
}

type flusher struct{ in chan string }

func newFlusher() *flusher {
	f := &flusher{in: make(chan string, 16)}
	go func() {
		for line := range f.in {
			_ = line
		}
	}()
	return f
}

var flushes = newFlusher()

// background: loops that live as long as the process, started by constructors, by init and by main; signals and timers.
func background() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	var caches []*cache
	for i := 0; i < 6; i++ {
		caches = append(caches, newCache())
	}
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	go func() {
		for range hup {
		}
	}()
	go func() {
		for {
			time.Sleep(time.Hour)
		}
	}()
	go func() { <-ctx.Done() }()
	time.AfterFunc(time.Hour, func() {})
	child, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	go func() { <-child.Done() }()
	time.Sleep(50 * time.Millisecond)
	dump()
	runtime.KeepAlive(caches)
}

// group is what errgroup.Group does.
type group struct {
	wg   sync.WaitGroup
	once sync.Once
	err  error
	stop context.CancelFunc
}

func (g *group) goes(f func() error) {
	g.wg.Add(1)
	go func() {
		defer g.wg.Done()
		if err := f(); err != nil {
			g.once.Do(func() { g.err = err; g.stop() })
		}
	}()
}

// errgroup: five tasks under way, one waits for the result of another, the caller waits for all.
func errgroup() {
	ctx, cancel := context.WithCancel(context.Background())
	g := &group{stop: cancel}
	results := make(chan int)
	for i := 0; i < 4; i++ {
		g.goes(func() error {
			time.Sleep(150 * time.Millisecond)
			select {
			case results <- i:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}
	g.goes(func() error {
		for i := 0; i < 4; i++ {
			<-results
		}
		return errors.New("done")
	})
	go g.wg.Wait()
	time.Sleep(50 * time.Millisecond)
	dump()
	g.wg.Wait()
}

func source(n int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for i := 0; i < n; i++ {
			out <- i
		}
	}()
	return out
}

func double(in <-chan int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for v := range in {
			out <- 2 * v
		}
	}()
	return out
}

func fanIn(ins ...<-chan int) <-chan int {
	out := make(chan int)
	var wg sync.WaitGroup
	for _, in := range ins {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for v := range in {
				out <- v
			}
		}()
	}
	go func() { wg.Wait(); close(out) }()
	return out
}

// stages: generators that have returned, under back-pressure of a sink that writes slowly.
func stages() {
	var lanes []<-chan int
	for i := 0; i < 6; i++ {
		lanes = append(lanes, double(source(1000)))
	}
	n := 0
	for range fanIn(lanes...) {
		if n++; n == 20 {
			dump()
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// pool is what database/sql does: an opener, connections with a reader each, callers that wait for a free one.
type pool struct {
	mu      sync.Mutex
	waiting []chan net.Conn
	opener  chan struct{}
}

func openPool(ctx context.Context) *pool {
	p := &pool{opener: make(chan struct{}, 8)}
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-p.opener:
			}
		}
	}()
	return p
}

func (p *pool) conn(ctx context.Context) (net.Conn, error) {
	ch := make(chan net.Conn, 1)
	p.mu.Lock()
	p.waiting = append(p.waiting, ch)
	p.mu.Unlock()
	select {
	case c := <-ch:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// database: 12 callers wait for a connection of the pool while 3 use theirs.
func database() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := openPool(ctx)
	server := must(net.Listen("tcp", "127.0.0.1:0"))
	go func() {
		for {
			c, err := server.Accept()
			if err != nil {
				return
			}
			go io.Copy(io.Discard, c)
		}
	}()
	for i := 0; i < 3; i++ {
		go func() {
			c := must(net.Dial("tcp", server.Addr().String()))
			c.Read(make([]byte, 1))
		}()
	}
	for i := 0; i < 12; i++ {
		go func() {
			deadline, stop := context.WithTimeout(ctx, time.Second)
			defer stop()
			p.conn(deadline)
		}()
	}
	time.Sleep(100 * time.Millisecond)
	dump()
}

type stream struct {
	c    net.Conn
	send chan []byte
}

func (s *stream) read() {
	b := make([]byte, 64)
	for {
		if _, err := s.c.Read(b); err != nil {
			close(s.send)
			return
		}
	}
}

func (s *stream) write() {
	for b := range s.send {
		s.c.Write(b)
	}
}

func (s *stream) keepalive() {
	t := time.NewTicker(time.Minute)
	defer t.Stop()
	for range t.C {
	}
}

func accept(c net.Conn) {
	s := &stream{c: c, send: make(chan []byte)}
	go s.read()
	go s.write()
	go s.keepalive()
}

// streams: 40 long-lived connections, each with a reader, a writer and a keepalive, started by calls that are over.
func streams() {
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go accept(c)
		}
	}()
	for i := 0; i < 40; i++ {
		must(net.Dial("tcp", l.Addr().String()))
	}
	time.Sleep(200 * time.Millisecond)
	dump()
}

// shutdown: a Stop that waits for workers which finish their last job, one of them under a lock that others want.
func shutdown() {
	var wg sync.WaitGroup
	var mu sync.Mutex
	jobs := make(chan int)
	for i := 0; i < 8; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range jobs {
				mu.Lock()
				time.Sleep(30 * time.Millisecond)
				mu.Unlock()
			}
		}()
	}
	for i := 0; i < 8; i++ {
		jobs <- i
	}
	close(jobs)
	stopped := make(chan struct{})
	go func() { wg.Wait(); close(stopped) }()
	time.Sleep(10 * time.Millisecond)
	dump()
	<-stopped
}

func main() {
	map[string]func(){"requests": requests, "background": background, "errgroup": errgroup, "stages": stages,
		"database": database, "streams": streams, "shutdown": shutdown}[os.Args[1]]()
}
