// Writes each kind of profile twice, as profile.proto and as text, from one state of the process.
package main

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"runtime/pprof"
	"sync"
	"time"
)

var keep [][]byte

type store[T any] struct{ all []T }

func (s *store[T]) put(v T) { s.all = append(s.all, v) }

func alloc(n int) {
	for i := 0; i < n; i++ {
		keep = append(keep, make([]byte, 4096+i%7*512))
	}
}

func churn(n int) (t int) {
	s := &store[[]byte]{}
	for i := 0; i < n; i++ {
		s.put(bytes.Repeat([]byte("x"), 100000))
		if i%10 == 9 {
			s.all = nil
		}
	}
	return len(s.all)
}

func lockers() {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 50 {
				mu.Lock()
				time.Sleep(50 * time.Microsecond)
				mu.Unlock()
			}
		}()
	}
	wg.Wait()
	c := make(chan int)
	go func() { time.Sleep(5 * time.Millisecond); c <- 1 }()
	<-c
}

func labelled(context.Context) {
	for range 3 {
		go func() { time.Sleep(time.Hour) }()
	}
	time.Sleep(20 * time.Millisecond)
}

func main() {
	runtime.SetMutexProfileFraction(3)
	runtime.SetBlockProfileRate(1)
	alloc(3000)
	churn(500)
	lockers()
	pprof.Do(context.Background(), pprof.Labels("tenant", "blue"), labelled)
	runtime.GC()
	runtime.GC()
	runtime.SetBlockProfileRate(0)
	dir := os.Args[1]
	for _, name := range []string{"heap", "allocs", "mutex", "block", "goroutine", "threadcreate"} {
		for debug, ext := range []string{".pb.gz", ".txt"} {
			f, err := os.Create(dir + "/" + name + ext)
			if err != nil {
				panic(err)
			}
			if err := pprof.Lookup(name).WriteTo(f, debug); err != nil {
				panic(err)
			}
			f.Close()
		}
	}
	runtime.KeepAlive(keep)
}
