// Allocates with several goroutines for some seconds, keeps a part of it, and prints what the runtime counted meanwhile.
package main

import (
	"encoding/json"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"time"
)

type node struct {
	left, right *node
	payload     [4]int
}

func tree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{left: tree(depth - 1), right: tree(depth - 1)}
}

func main() {
	seconds, _ := strconv.ParseFloat(os.Args[1], 64)
	workers, _ := strconv.Atoi(os.Args[2])
	grow, _ := strconv.Atoi(os.Args[3]) // KiB kept a round
	end := time.Now().Add(time.Duration(seconds * float64(time.Second)))
	var lock sync.Mutex
	var kept [][]byte
	var wait sync.WaitGroup
	for i := 0; i < workers; i++ {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for time.Now().Before(end) {
				old := tree(13)
				for j := 0; j < 20; j++ {
					tree(10)
				}
				if grow > 0 {
					block := make([]byte, grow<<10)
					lock.Lock()
					kept = append(kept, block)
					lock.Unlock()
					time.Sleep(5 * time.Millisecond)
				}
				runtime.KeepAlive(old)
			}
		}()
	}
	wait.Wait()
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	var collector debug.GCStats
	debug.ReadGCStats(&collector)
	runtime.KeepAlive(kept)
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"NumGC": memory.NumGC, "NumForcedGC": memory.NumForcedGC, "PauseTotalNs": memory.PauseTotalNs,
		"GCCPUFraction": memory.GCCPUFraction, "TotalAlloc": memory.TotalAlloc, "HeapAlloc": memory.HeapAlloc,
		"PauseTotal": collector.PauseTotal, "GoVersion": runtime.Version(), "GOMAXPROCS": runtime.GOMAXPROCS(0),
	})
}
