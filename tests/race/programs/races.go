// Data races of every kind, one a function, for race_live.py; build with -race. Prints nothing itself.
package main

import (
	"bytes"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

func pause() { time.Sleep(5 * time.Millisecond) }

func captured() {
	total := 0
	go func() {
		total++
	}()
	pause()
	total++
}

func loopCapture() {
	hits := 0
	var wg sync.WaitGroup
	for range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			hits++
		}()
	}
	wg.Wait()
}

func fail() error { return errors.New("no") }

func capturedErr() error {
	err := fail()
	go func() {
		err = fail()
	}()
	pause()
	err = fail()
	return err
}

func namedResult() (size int, name string) {
	go func() {
		size = 7
	}()
	pause()
	size = 8
	return
}

func mapWrite() {
	users := map[string]int{}
	go func() { users["a"] = 1 }()
	pause()
	users["b"] = 2
}

func mapIterate() {
	users := map[string]int{"a": 1}
	go func() {
		for range users {
		}
	}()
	pause()
	delete(users, "a")
}

func sliceAppend() {
	names := make([]string, 0, 8)
	go func() {
		names = append(names, "a")
	}()
	pause()
	names = append(names, "b")
}

func sliceElement() {
	cells := make([]int, 8)
	go func() {
		cells[3] = 1
	}()
	pause()
	cells[3] = 2
}

func sliceCopy() {
	cells := make([]int, 8)
	go func() {
		copy(cells, []int{1, 2})
	}()
	pause()
	cells[0] = 2
}

func mixedAtomic() {
	var count int64
	go func() { atomic.AddInt64(&count, 1) }()
	pause()
	count++
}

func closeSend() {
	jobs := make(chan int, 1)
	go func() { jobs <- 1 }()
	pause()
	close(jobs)
}

func lateAdd() {
	var wg sync.WaitGroup
	go func() {
		wg.Add(1)
		pause()
		wg.Done()
	}()
	time.Sleep(2 * time.Millisecond)
	wg.Wait()
	pause()
}

type Cache struct {
	mu    sync.RWMutex
	other sync.Mutex
	hits  int
	size  int
	age   int
	ttl   int
}

func (c *Cache) Hit()  { c.hits++ }
func (c *Cache) Hits() int { return c.hits }

func field() {
	c := &Cache{}
	go c.Hit()
	pause()
	c.Hits()
}

func (c *Cache) Grow() {
	c.mu.Lock()
	c.size++
	c.mu.Unlock()
}
func (c *Cache) Size() int { return c.size }

func partialLock() {
	c := &Cache{}
	go c.Grow()
	pause()
	c.Size()
}

func (c *Cache) Touch() {
	c.mu.RLock()
	defer c.mu.RUnlock()
	c.age++
}

func readLock() {
	c := &Cache{}
	go c.Touch()
	go c.Touch()
	pause()
}

func (c *Cache) SetA() {
	c.mu.Lock()
	c.ttl = 1
	c.mu.Unlock()
}
func (c *Cache) SetB() {
	c.other.Lock()
	c.ttl = 2
	c.other.Unlock()
}

func differentLocks() {
	c := &Cache{}
	go c.SetA()
	pause()
	c.SetB()
}

var verbose bool

func global() {
	go func() { verbose = true }()
	pause()
	verbose = false
}

func libraryType() {
	var buffer bytes.Buffer
	go buffer.WriteString("a")
	pause()
	buffer.WriteString("b")
}

// Ordered in every way there is: the detector and so gopsy must say nothing of it.
func healthy() {
	var mu sync.Mutex
	var wg sync.WaitGroup
	done := map[int]bool{}
	for i := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			mu.Lock()
			done[i] = true
			mu.Unlock()
		}()
	}
	wg.Wait()
	_ = len(done)
}

func main() {
	for _, race := range []func(){healthy, captured, loopCapture, func() { capturedErr() }, func() { namedResult() },
		mapWrite, mapIterate, sliceAppend, sliceElement, sliceCopy, mixedAtomic, closeSend, lateAdd, field, partialLock,
		readLock, differentLocks, global, libraryType, copiedLock} {
		race()
	}
}
