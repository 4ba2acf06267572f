// Command small writes a trace of a few kilobytes with any Go since 1.19: a task with a region and a message, a channel,
// a sleep.
package main

import (
	"context"
	"os"
	"runtime/trace"
	"time"
)

func work(ctx context.Context, in chan int, out chan int) {
	defer trace.StartRegion(ctx, "work").End()
	out <- <-in + 1
}

func main() {
	file, err := os.Create(os.Args[1])
	if err != nil {
		panic(err)
	}
	if err := trace.Start(file); err != nil {
		panic(err)
	}
	ctx, task := trace.NewTask(context.Background(), "request")
	trace.Log(ctx, "step", "begins")
	in, out := make(chan int), make(chan int)
	go work(ctx, in, out)
	in <- 1
	<-out
	task.End()
	time.Sleep(time.Millisecond)
	trace.Stop()
	file.Close()
}
