// Command everything writes a trace in which most types of events occur: tasks, regions, logs, labels, coroutines,
// collections, system calls, stops of the world, timers, profiles. With "quiet" a small one.
package main

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"runtime/trace"
	"sync"
	"time"
)

func allocate(rounds int) (kept int) {
	var sink [][]byte
	for i := 0; i < rounds; i++ {
		sink = append(sink, make([]byte, 1<<14))
		if len(sink) > 256 {
			kept += len(sink)
			sink = nil
		}
	}
	return kept
}

func spin(d time.Duration) (n int) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		n++
	}
	return n
}

func coroutines() (sum int) {
	count := func(yield func(int) bool) {
		for i := range 20 {
			if !yield(i) {
				return
			}
		}
	}
	next, stop := iter.Pull(iter.Seq[int](count))
	for range 10 {
		n, _ := next()
		sum += n
	}
	stop()
	next, stop = iter.Pull(iter.Seq[int](count))
	for {
		n, ok := next()
		if !ok {
			break
		}
		sum += n
	}
	stop()
	return sum
}

func files() {
	name := fmt.Sprintf("%s/everything-%d", os.TempDir(), os.Getpid())
	for i := range 20 {
		os.WriteFile(name, bytes.Repeat([]byte("x"), 1000*i), 0o600)
		os.ReadFile(name)
	}
	os.Remove(name)
	r, w, _ := os.Pipe()
	go func() {
		time.Sleep(5 * time.Millisecond)
		w.Write([]byte("a\x00\xff\"é\u2028"))
		w.Close()
	}()
	buffer := make([]byte, 64)
	r.Read(buffer)
	r.Close()
}

func tasks() {
	ctx, outer := trace.NewTask(context.Background(), "outer")
	ctx2, inner := trace.NewTask(ctx, "inner \"quoted\"\n")
	trace.Log(ctx2, "key", "a message with \x00, \xff, \u00a0, é and \U0001F600")
	trace.Logf(ctx, "", "%d", 42)
	trace.WithRegion(ctx2, "region", func() {
		defer trace.StartRegion(ctx2, "nested").End()
		time.Sleep(time.Millisecond)
	})
	inner.End()
	var all sync.WaitGroup
	for i := range 8 {
		all.Add(1)
		go func() {
			defer all.Done()
			defer trace.StartRegion(ctx, fmt.Sprint("worker ", i)).End()
			spin(time.Millisecond)
		}()
	}
	all.Wait()
	outer.End()
}

func locks() {
	var mu sync.Mutex
	cond := sync.NewCond(&mu)
	done := make(chan bool)
	ready := false
	for range 4 {
		go func() {
			mu.Lock()
			for !ready {
				cond.Wait()
			}
			mu.Unlock()
			done <- true
		}()
	}
	time.Sleep(2 * time.Millisecond)
	mu.Lock()
	ready = true
	cond.Broadcast()
	mu.Unlock()
	for range 4 {
		select {
		case <-done:
		case <-time.After(time.Second):
		}
	}
}

func main() {
	quiet := len(os.Args) > 2 && os.Args[2] == "quiet"
	file, err := os.Create(os.Args[1])
	if err != nil {
		panic(err)
	}
	if !quiet {
		pprof.StartCPUProfile(&bytes.Buffer{})
	}
	go func() { select {} }()
	if err := trace.Start(file); err != nil {
		panic(err)
	}
	tasks()
	if !quiet {
		pprof.Do(context.Background(), pprof.Labels("a", "b"), func(context.Context) { spin(30 * time.Millisecond) })
		allocate(20000)
		locks()
		files()
		coroutines()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		runtime.GOMAXPROCS(3)
		runtime.GC()
		debug.FreeOSMemory()
		for range 4 {
			go allocate(3000)
		}
		allocate(5000)
		runtime.Gosched()
		pprof.Lookup("goroutine").WriteTo(&bytes.Buffer{}, 1)
		time.Sleep(1200 * time.Millisecond)
		tasks()
		pprof.StopCPUProfile()
	}
	trace.Stop()
	file.Close()
}
