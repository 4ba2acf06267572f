// Command older writes a trace of some kilobytes with any Go since 1.11: what goroutines block on, system calls, the
// collector, stops of the world, tasks and regions.
package main

import (
	"context"
	"net"
	"os"
	"runtime"
	"runtime/trace"
	"sync"
	"time"
)

var sink [][]byte

func talk() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		time.Sleep(time.Millisecond)
		conn.Write([]byte("hello"))
		conn.Close()
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		panic(err)
	}
	var answer [8]byte
	conn.Read(answer[:])
	conn.Close()
	listener.Close()
}

func locks() {
	var mutex sync.Mutex
	var all sync.WaitGroup
	cond := sync.NewCond(&mutex)
	ready := false
	for i := 0; i < 4; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			mutex.Lock()
			for !ready {
				cond.Wait()
			}
			time.Sleep(200 * time.Microsecond)
			mutex.Unlock()
		}()
	}
	time.Sleep(time.Millisecond)
	mutex.Lock()
	ready = true
	cond.Broadcast()
	mutex.Unlock()
	all.Wait()
}

func channels(ctx context.Context) {
	in, out := make(chan int), make(chan int, 1)
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case v := <-in:
				out <- v
			case <-stop:
				close(out)
				return
			}
		}
	}()
	for i := 0; i < 5; i++ {
		region := trace.StartRegion(ctx, "send")
		in <- i
		<-out
		region.End()
	}
	close(stop)
	<-out
}

func main() {
	file, err := os.Create(os.Args[1])
	if err != nil {
		panic(err)
	}
	if err := trace.Start(file); err != nil {
		panic(err)
	}
	ctx, task := trace.NewTask(context.Background(), "work")
	child, sub := trace.NewTask(ctx, "part")
	trace.Logf(child, "step", "number %d \"quoted\"", 1)
	channels(child)
	sub.End()
	locks()
	talk()
	for i := 0; i < 80; i++ {
		sink = append(sink, make([]byte, 64<<10))
		if i%16 == 0 {
			sink = nil
			runtime.Gosched()
		}
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	task.End()
	trace.Stop()
	file.Close()
}
