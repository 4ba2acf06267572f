// Command tasks writes a trace of tasks, regions and messages as programs have them: nested, handed to other goroutines,
// never ended; of a lock with a queue whose holder reads from a pipe; and of a goroutine that waits for one that does.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime/trace"
	"sync"
	"syscall"
	"time"
)

// slowPipe is a pipe of the system, not of the poller: reading from it is a system call that blocks.
func slowPipe() (r, w int) {
	var p [2]int
	if err := syscall.Pipe(p[:]); err != nil {
		panic(err)
	}
	return p[0], p[1]
}

func read(r int) {
	var b [1]byte
	syscall.Read(r, b[:])
}

func request(ctx context.Context, n int) {
	ctx, task := trace.NewTask(ctx, "request")
	defer task.End()
	trace.Logf(ctx, "user", "number %d", n)
	trace.WithRegion(ctx, "prepare", func() { time.Sleep(time.Duration(n%5) * 300 * time.Microsecond) })
	done := make(chan bool)
	trace.WithRegion(ctx, "fan out", func() {
		go func() {
			defer trace.StartRegion(ctx, "fetch").End()
			inner, sub := trace.NewTask(ctx, "query")
			trace.Log(inner, "sql", "select 1")
			time.Sleep(time.Duration(n%3+1) * 400 * time.Microsecond)
			sub.End()
			done <- true
		}()
	})
	<-done
}

type store struct {
	mu sync.Mutex
}

func (s *store) save(r, w int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	go func() {
		time.Sleep(15 * time.Millisecond)
		syscall.Write(w, []byte{1})
	}()
	read(r)
}

func (s *store) get() {
	s.mu.Lock()
	s.mu.Unlock()
}

// One holds the lock while it reads; four wait for it; main waits for the four.
func queue() {
	r, w := slowPipe()
	s := new(store)
	var all sync.WaitGroup
	all.Add(5)
	go func() {
		defer all.Done()
		s.save(r, w)
	}()
	time.Sleep(2 * time.Millisecond)
	for range 4 {
		go func() {
			defer all.Done()
			s.get()
		}()
	}
	all.Wait()
}

func main() {
	file, err := os.Create(os.Args[1])
	if err != nil {
		panic(err)
	}
	before, early := trace.NewTask(context.Background(), "before the trace")
	if err := trace.Start(file); err != nil {
		panic(err)
	}
	early.End()
	_ = before
	ctx, batch := trace.NewTask(context.Background(), "batch")
	var all sync.WaitGroup
	for n := range 40 {
		all.Add(1)
		go func() {
			defer all.Done()
			request(ctx, n)
		}()
		if n%8 == 7 {
			all.Wait()
		}
	}
	all.Wait()
	batch.End()
	for n := range 3 {
		lost, _ := trace.NewTask(context.Background(), "never ended")
		trace.StartRegion(lost, fmt.Sprint("never left"))
		trace.Log(lost, "", fmt.Sprint("lost ", n))
	}
	trace.WithRegion(context.Background(), "queue", queue)
	trace.Stop()
	file.Close()
}
