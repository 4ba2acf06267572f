// Makes one profile of every kind that runtime/pprof has, of a program with inlining, generics, method values,
// closures, labels and recursion: profiles FOLDER.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"sort"
	"strings"
	"sync"
	"time"
)

type number interface{ ~int | ~float64 }

func sum[T number](values []T) T {
	var total T
	for _, v := range values {
		total = add(total, v)
	}
	return total
}

func add[T number](a, b T) T { return a + b }

type tree struct {
	left, right *tree
	key         string
}

func (t *tree) insert(key string) *tree {
	if t == nil {
		return &tree{key: key}
	}
	if key < t.key {
		t.left = t.left.insert(key)
	} else {
		t.right = t.right.insert(key)
	}
	return t
}

func (t *tree) walk(visit func(string)) {
	if t != nil {
		t.left.walk(visit)
		visit(t.key)
		t.right.walk(visit)
	}
}

var kept [][]byte
var sink float64

func work(round int) {
	var root *tree
	for i := 0; i < 2000; i++ {
		root = root.insert(fmt.Sprintf("key %d", i*7919%2003))
	}
	var keys []string
	root.walk(func(k string) { keys = append(keys, strings.ToUpper(k)) })
	sort.Strings(keys)
	values := make([]float64, 50000)
	for i := range values {
		values[i] = float64(i ^ round)
	}
	sink += sum(values)
	kept = append(kept, make([]byte, 32<<10))
}

func contend(mu *sync.Mutex, wg *sync.WaitGroup) {
	defer wg.Done()
	for i := 0; i < 40; i++ {
		mu.Lock()
		time.Sleep(100 * time.Microsecond)
		mu.Unlock()
	}
}

func wait(c chan int) { <-c }

func save(folder, name string) {
	p := pprof.Lookup(name)
	if p == nil {
		return
	}
	f, err := os.Create(filepath.Join(folder, name+".pb.gz"))
	if err == nil {
		err = p.WriteTo(f, 0)
		f.Close()
	}
	if err != nil {
		panic(err)
	}
}

func main() {
	folder := os.Args[1]
	runtime.MemProfileRate = 16 << 10
	runtime.SetMutexProfileFraction(1)
	runtime.SetBlockProfileRate(1)
	f, err := os.Create(filepath.Join(folder, "cpu.pb.gz"))
	if err != nil {
		panic(err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		panic(err)
	}
	for round := 0; round < 2; round++ {
		begin := time.Now()
		for i := 0; time.Since(begin) < 600*time.Millisecond; i++ {
			labels := pprof.Labels("handler", []string{"index", "search", "buy"}[i%3], "tenant", fmt.Sprint(i%5))
			pprof.Do(context.Background(), labels, func(context.Context) { work(i) })
		}
		if round == 0 {
			save(folder, "heap")
			os.Rename(filepath.Join(folder, "heap.pb.gz"), filepath.Join(folder, "heap-before.pb.gz"))
		}
	}
	pprof.StopCPUProfile()
	f.Close()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := 0; i < 4; i++ {
		wg.Add(1)
		go contend(&mu, &wg)
	}
	wg.Wait()
	for i := 0; i < 20; i++ {
		go wait(make(chan int))
	}
	time.Sleep(10 * time.Millisecond)
	for _, name := range []string{"heap", "allocs", "block", "mutex", "goroutine", "goroutineleak", "threadcreate"} {
		save(folder, name)
	}
}
