// Symptoms makes the profiles of tests/golden/rules/{cpu,gc,heap,contention,evidence}.*: each by doing what the rule
// looks for, or nearly. Run it in an empty folder; it writes one folder a rule. Two CPUs or more.
//
//	GODEBUG=profstackdepth=128 go run symptoms.go
package main

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"net/http/pprof"
	"os"
	"path/filepath"
	"runtime"
	rpprof "runtime/pprof"
	"sync"
	"time"
)

var sink int

func write(name string, content []byte) {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		panic(err)
	}
	if err := os.WriteFile(name, content, 0o644); err != nil {
		panic(err)
	}
}

func cpu(name string, hz int, work func()) {
	var out bytes.Buffer
	if hz != 0 {
		runtime.SetCPUProfileRate(hz)
	}
	if err := rpprof.StartCPUProfile(&out); err != nil {
		panic(err)
	}
	work()
	rpprof.StopCPUProfile()
	write(name, out.Bytes())
}

func heap(name string) {
	runtime.GC()
	runtime.GC()
	var out bytes.Buffer
	rpprof.Lookup("heap").WriteTo(&out, 0)
	write(name, out.Bytes())
}

func forAWhile(d time.Duration, work func()) {
	for start := time.Now(); time.Since(start) < d; {
		work()
	}
}

// --- cpu.hot-path, cpu.inlined-leaf

type Cart struct{ prices []int }

func square(x int) int { return x*x ^ x>>3 } // small enough to be inlined

//go:noinline
func (c *Cart) Total() int {
	sum := 0
	for round := 0; round < 100; round++ {
		for _, price := range c.prices {
			sum += square(price + round)
		}
	}
	return sum
}

//go:noinline
func checkout(c *Cart) { sink += c.Total() }

//go:noinline
func spin(n int) int {
	for i := 0; i < 200_000; i++ {
		n += i ^ n
	}
	return n
}

//go:noinline
func one() { sink = spin(sink) }

//go:noinline
func two() { sink = spin(sink) }

//go:noinline
func three() { sink = spin(sink) }

//go:noinline
func four() { sink = spin(sink) }

//go:noinline
func five() { sink = spin(sink) }

//go:noinline
func six() { sink = spin(sink) }

func inOwnGoroutines(d time.Duration, works ...func()) {
	var all sync.WaitGroup
	for _, work := range works {
		all.Add(1)
		go func() {
			defer all.Done()
			forAWhile(d, work)
		}()
	}
	all.Wait()
}

// --- gc.pressure

type leaf struct{ left, right *leaf }

func tree(depth int) *leaf {
	if depth == 0 {
		return &leaf{}
	}
	return &leaf{tree(depth - 1), tree(depth - 1)}
}

var garden []*leaf

//go:noinline
func churn() { garden[len(garden)-1] = tree(12) }

// --- contention

type Store struct {
	mu   sync.Mutex
	rows map[int]int
}

//go:noinline
func (s *Store) Put(k int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows[k%100] = spin(k)
}

//go:noinline
func (s *Store) Get(k int) int {
	s.mu.Lock()
	v := s.rows[k%100]
	s.mu.Unlock()
	return v
}

func locks(folder string, workers int, pause time.Duration) {
	runtime.SetMutexProfileFraction(1)
	runtime.SetBlockProfileRate(1)
	store := &Store{rows: map[int]int{}}
	stop := make(chan struct{})
	var all sync.WaitGroup
	for w := 0; w < workers; w++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for k := w; ; k++ {
				select {
				case <-stop:
					return
				default:
				}
				store.Put(k)
				sinkTo(store.Get(k))
				time.Sleep(pause)
			}
		}()
	}
	var profiles sync.WaitGroup
	for _, kind := range []string{"mutex", "block"} {
		profiles.Add(1)
		go func() {
			defer profiles.Done()
			answer := httptest.NewRecorder()
			pprof.Handler(kind).ServeHTTP(answer, httptest.NewRequest("GET", "/debug/pprof/"+kind+"?seconds=2", nil))
			write(filepath.Join(folder, kind+".pb.gz"), answer.Body.Bytes())
		}()
	}
	profiles.Wait()
	close(stop)
	all.Wait()
	runtime.SetMutexProfileFraction(0)
	runtime.SetBlockProfileRate(0)
}

//go:noinline
func sinkTo(int) {}

type Cache struct {
	mu   sync.RWMutex
	rows map[int]int
}

//go:noinline
func (c *Cache) Lookup(k int) int {
	c.mu.RLock()
	v := c.rows[k]
	c.mu.RUnlock()
	return v
}

// --- evidence.truncated-stacks

//go:noinline
func descend(depth int, bottom func()) int {
	if depth == 0 {
		bottom()
		return 0
	}
	return descend(depth-1, bottom) + 1
}

// --- heap.growth

var ledger [][]byte

//go:noinline
func (s *Store) remember(n int) {
	for i := 0; i < n; i++ {
		ledger = append(ledger, make([]byte, 64<<10))
	}
}

func main() {
	cart := &Cart{prices: make([]int, 1000)}
	hot := func() { forAWhile(2*time.Second, func() { checkout(cart) }) }
	cpu("cpu.hot-path/fires-one-handler.pb.gz", 0, hot)
	cpu("cpu.inlined-leaf/fires-a-square.pb.gz", 0, hot)
	even := func() { inOwnGoroutines(1*time.Second, one, two, three, four, five, six) }
	cpu("cpu.hot-path/near-miss-six-alike.pb.gz", 0, even)
	cpu("cpu.inlined-leaf/near-miss-not-inlined.pb.gz", 0, even)

	for i := 0; i < 20; i++ {
		garden = append(garden, tree(12))
	}
	cpu("gc.pressure/fires-trees.pb.gz", 0, func() { inOwnGoroutines(2*time.Second, churn, churn) })
	cpu("gc.pressure/near-miss-little-garbage.pb.gz", 0, func() {
		inOwnGoroutines(2*time.Second, func() { one(); sinkTo(len(make([]byte, 100))) }, func() { two(); churn1() })
	})
	garden = nil

	locks("contention.lock-site/fires-put-and-get", 8, 0)
	locks("contention.lock-site/near-miss-hardly-met", 2, 20*time.Millisecond)

	cache := &Cache{rows: map[int]int{1: 1}}
	cpu("contention.rwmutex-readers/fires-two-readers.pb.gz", 0, func() {
		inOwnGoroutines(2*time.Second, func() { readers(cache, 1000) }, func() { readers(cache, 1000) })
	})
	cpu("contention.rwmutex-readers/near-miss-long-sections.pb.gz", 0, func() {
		inOwnGoroutines(2*time.Second, func() { sink = spin(cache.Lookup(1)) }, func() { sink = spin(cache.Lookup(1)) })
	})

	cpu("evidence.truncated-stacks/fires-cpu-100-deep.pb.gz", 0, func() {
		forAWhile(time.Second, func() { descend(100, func() { sink = spin(sink) }) })
	})
	cpu("evidence.truncated-stacks/near-miss-50-deep.pb.gz", 0, func() {
		forAWhile(time.Second, func() { descend(50, func() { sink = spin(sink) }) })
	})
	var kept [][]byte
	descend(300, func() {
		for i := 0; i < 100; i++ {
			kept = append(kept, make([]byte, 100<<10))
		}
	})
	heap("evidence.truncated-stacks/fires-heap-300-deep.pb.gz")
	runtime.KeepAlive(kept)

	for _, hz := range []int{250, 1000} {
		name := map[int]string{250: "near-miss-250", 1000: "fires-1000"}[hz]
		cpu(fmt.Sprintf("evidence.sampling-rate/%s.pb.gz", name), hz, func() { forAWhile(time.Second, one) })
	}

	store := &Store{}
	store.remember(200)
	heap("heap.growth/fires-a-ledger/1.pb.gz")
	heap("heap.growth/near-miss-noise/1.pb.gz")
	store.remember(4)
	heap("heap.growth/near-miss-noise/2.pb.gz")
	store.remember(1500)
	heap("heap.growth/fires-a-ledger/2.pb.gz")
	runtime.KeepAlive(ledger)
}

//go:noinline
func churn1() { sinkTo(len(make([]byte, 1000))) }

//go:noinline
func readers(c *Cache, n int) {
	for i := 0; i < n; i++ {
		sinkTo(c.Lookup(i & 1))
	}
}
