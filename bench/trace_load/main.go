// Command trace_load writes an execution trace of a chosen size: the input of `./dev bench trace`.
//
// "web" is an HTTP service on loopback with 32 clients: JSON, a lock, channels, select with a timeout, a task and a
// region a request. "ping" is 16 pairs of goroutines that hand a number to and fro as fast as they can.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime/trace"
	"sync"
	"sync/atomic"
	"time"
)

var (
	work  = flag.String("work", "web", "web or ping")
	bytes = flag.Int64("bytes", 10<<20, "stop when the trace has about this size")
	out   = flag.String("o", "trace.out", "the file to write")
)

// counter counts what passes through it, so that the run can stop at a size.
type counter struct {
	to io.Writer
	n  atomic.Int64
}

func (c *counter) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return c.to.Write(p)
}

type answer struct {
	ID    int            `json:"id"`
	Names []string       `json:"names"`
	Seen  map[string]int `json:"seen"`
}

type service struct {
	mu   sync.Mutex
	seen map[string]int
	jobs chan chan int
}

func newService() *service {
	s := &service{seen: map[string]int{}, jobs: make(chan chan int)}
	for i := 0; i < 4; i++ {
		go func() {
			n := 0
			for reply := range s.jobs {
				n++
				reply <- n
			}
		}()
	}
	return s
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, task := trace.NewTask(r.Context(), "request")
	defer task.End()
	reply := make(chan int, 1)
	select {
	case s.jobs <- reply:
	case <-time.After(50 * time.Millisecond):
		http.Error(w, "busy", http.StatusServiceUnavailable)
		return
	}
	id := <-reply
	trace.WithRegion(ctx, "count", func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.seen[r.URL.Path]++
	})
	names := make([]string, 20)
	for i := range names {
		names[i] = fmt.Sprintf("name-%d-%d", id, i)
	}
	json.NewEncoder(w).Encode(answer{ID: id, Names: names, Seen: map[string]int{r.URL.Path: id}})
}

func web(done <-chan struct{}) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err)
	}
	go http.Serve(listener, newService())
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	var all sync.WaitGroup
	for i := 0; i < 32; i++ {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			url := fmt.Sprintf("http://%s/%d", listener.Addr(), i%8)
			for {
				select {
				case <-done:
					return
				default:
				}
				response, err := client.Get(url)
				if err != nil {
					continue
				}
				var a answer
				json.NewDecoder(response.Body).Decode(&a)
				response.Body.Close()
			}
		}(i)
	}
	all.Wait()
}

func ping(done <-chan struct{}) {
	var all sync.WaitGroup
	for i := 0; i < 16; i++ {
		there, back := make(chan int), make(chan int)
		all.Add(1)
		go func() {
			for n := range there {
				back <- n + 1
			}
		}()
		go func() {
			defer all.Done()
			for n := 0; ; n++ {
				select {
				case <-done:
					close(there)
					return
				default:
				}
				there <- n
				n = <-back
			}
		}()
	}
	all.Wait()
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "trace_load:", err)
	os.Exit(1)
}

func main() {
	flag.Parse()
	file, err := os.Create(*out)
	if err != nil {
		fail(err)
	}
	counted := &counter{to: file}
	if err := trace.Start(counted); err != nil {
		fail(err)
	}
	done := make(chan struct{})
	go func() {
		for counted.n.Load() < *bytes {
			time.Sleep(time.Millisecond)
		}
		close(done)
	}()
	if *work == "ping" {
		ping(done)
	} else {
		web(done)
	}
	trace.Stop()
	if err := file.Close(); err != nil {
		fail(err)
	}
}
