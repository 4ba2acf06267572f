// A lock copied by value, in a file without atomics of its own.
package main

import "sync"

type Counter struct {
	mu sync.Mutex
	n  int
}

func copyOf(c *Counter) Counter { return *c }

func copiedLock() {
	c := &Counter{}
	go func() {
		for range 100 {
			c.mu.Lock()
			c.mu.Unlock()
		}
	}()
	pause()
	copyOf(c)
}
