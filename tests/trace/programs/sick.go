// Small services that are sick in one way each, and their healthy twins: each writes a short trace. Rules are tested on these.
//
//	sick MODE FILE
//
// Modes that hang or crash leave what the runtime leaves: run them with a time limit, as record.sh does.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

var modes = map[string]func(){
	"quiet-server": quietServer, "deadlock": deadlock, "deadlock-beside-signals": deadlockBesideSignals,
	"deadlock-beside-ticker": deadlockBesideTicker, "stuck": stuck, "leak": leak, "pool": pool, "ended": ended,
	"nil-channel": nilChannel, "select-forever": selectForever, "lingering": lingering, "held-lock": heldLock, "short-lock": shortLock, "convoy": convoy,
	"serial": serial, "shared": shared, "starved": starved, "busy": busy, "stops": stops, "few-stops": fewStops,
	"garbage": garbage, "tidy": tidy, "storm": storm, "batches": batches, "syscalls": syscalls, "buffered": buffered,
	"polls": polls, "ticks": ticks, "slow-server": slowServer, "idle-server": idleServer, "recovered": recovered,
	"panics": panics, "panics-after-read": panicsAfterRead, "panics-in-lock": panicsInLock, "map-race": mapRace, "exits": exits,
	"latency": latency, "dumped": dumped, "handovers": handovers, "slow-task": slowTask, "open-task": openTask, "even-tasks": evenTasks, "never-ran": neverRan, "all-ran": allRan,
}

func main() {
	mode := modes[os.Args[1]]
	file, err := os.Create(os.Args[2])
	if err != nil {
		panic(err)
	}
	if err := trace.Start(file); err != nil {
		panic(err)
	}
	mode()
	trace.Stop()
	file.Close()
}

func during(d time.Duration, every time.Duration, do func(i int)) {
	end := time.Now().Add(d)
	for i := 0; time.Now().Before(end); i++ {
		do(i)
		time.Sleep(every)
	}
}

func spin(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
	}
}

// A server with little to do.
func quietServer() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	defer server.Close()
	during(300*time.Millisecond, 30*time.Millisecond, func(int) {
		if answer, err := http.Get(server.URL); err == nil {
			answer.Body.Close()
		}
	})
}

func lockBoth(a, b *sync.Mutex, done *sync.WaitGroup) {
	defer done.Done()
	a.Lock()
	defer a.Unlock()
	time.Sleep(20 * time.Millisecond)
	b.Lock()
	defer b.Unlock()
}

func deadlock() {
	var a, b sync.Mutex
	var done sync.WaitGroup
	done.Add(2)
	go lockBoth(&a, &b, &done)
	go lockBoth(&b, &a, &done)
	done.Wait()
}

func deadlockBesideSignals() {
	go deadlock()
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	<-c
}

func deadlockBesideTicker() {
	go deadlock()
	for range time.Tick(200 * time.Millisecond) {
	}
}

// One goroutine returns with the lock held; the service goes on.
func stuck() {
	var lock sync.Mutex
	lock.Lock()
	for i := 0; i < 3; i++ {
		go func() { lock.Lock() }()
	}
	during(1200*time.Millisecond, 100*time.Millisecond, func(int) {})
}

func ask(within time.Duration) int {
	answer := make(chan int)
	go func() {
		time.Sleep(2 * time.Millisecond)
		answer <- 1
	}()
	select {
	case v := <-answer:
		return v
	case <-time.After(within):
		return 0
	}
}

func leak()  { during(700*time.Millisecond, 20*time.Millisecond, func(int) { ask(time.Millisecond) }) }
func ended() { during(700*time.Millisecond, 20*time.Millisecond, func(int) { ask(time.Second) }) }

// Workers that were made at once wait for work that does not come.
func pool() {
	work := make(chan int)
	for i := 0; i < 20; i++ {
		go func() {
			for range work {
			}
		}()
	}
	during(700*time.Millisecond, 20*time.Millisecond, func(i int) { work <- i })
}

func nilChannel() {
	var never chan int
	go func() { <-never }()
	during(50*time.Millisecond, 10*time.Millisecond, func(int) {})
}

func selectForever() {
	go func() { select {} }()
	during(50*time.Millisecond, 10*time.Millisecond, func(int) {})
}

func watch() {
	for range time.Tick(50 * time.Millisecond) {
	}
}

func lingering() { during(900*time.Millisecond, 45*time.Millisecond, func(int) { go watch() }) }

func hold(lock *sync.Mutex, d time.Duration) {
	lock.Lock()
	time.Sleep(d)
	lock.Unlock()
}

func lockFor(d time.Duration) {
	var lock sync.Mutex
	for i := 0; i < 2; i++ {
		go hold(&lock, d)
		time.Sleep(time.Millisecond)
		lock.Lock()
		lock.Unlock()
		time.Sleep(5 * time.Millisecond)
	}
}

func heldLock()  { lockFor(1100 * time.Millisecond) }
func shortLock() { lockFor(4 * time.Millisecond) }

func convoy() {
	var lock sync.Mutex
	var done sync.WaitGroup
	for i := 0; i < 4; i++ {
		done.Add(1)
		go func() {
			defer done.Done()
			for n := 0; n < 40; n++ {
				hold(&lock, time.Millisecond)
			}
		}()
	}
	done.Wait()
}

// All results come from one goroutine that is busy.
func serial() {
	requests := make(chan chan int)
	go func() {
		for r := range requests {
			spin(3 * time.Millisecond)
			r <- 1
		}
	}()
	clients(requests)
}

// As many do the work as there are CPUs.
func shared() {
	requests := make(chan chan int)
	for i := 0; i < 4; i++ {
		go func() {
			for r := range requests {
				time.Sleep(3 * time.Millisecond)
				r <- 1
			}
		}()
	}
	clients(requests)
}

func clients(requests chan chan int) {
	var done sync.WaitGroup
	for i := 0; i < 4; i++ {
		done.Add(1)
		go func() {
			defer done.Done()
			for n := 0; n < 20; n++ {
				r := make(chan int)
				requests <- r
				<-r
			}
		}()
	}
	done.Wait()
}

func spinners(n int, spinFor time.Duration) {
	var done sync.WaitGroup
	for i := 0; i < n; i++ {
		done.Add(1)
		go func() {
			defer done.Done()
			spin(spinFor)
		}()
	}
	done.Wait()
}

func starved() {
	runtime.GOMAXPROCS(2)
	spinners(24, 100*time.Millisecond)
}

func busy() {
	runtime.GOMAXPROCS(2)
	spinners(3, 60*time.Millisecond)
}

func readStats(every time.Duration) {
	during(300*time.Millisecond, every, func(int) {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
	})
}

func stops()    { readStats(10 * time.Millisecond) }
func fewStops() { readStats(150 * time.Millisecond) }

type node struct{ left, right *node }

func tree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{tree(depth - 1), tree(depth - 1)}
}

var kept *node

// A large live heap without room, and garbage beside it.
func garbage() {
	kept = tree(17)
	for i := 0; i < 9; i++ {
		tree(16)
	}
}

func tidy() {
	kept = tree(8)
	for i := 0; i < 3; i++ {
		runtime.GC()
		time.Sleep(60 * time.Millisecond)
	}
}

func square(i int, into *int, done *sync.WaitGroup) {
	*into = i * i
	done.Done()
}

func storm() {
	out := make([]int, 1500)
	for round := 0; round < 30; round++ {
		var done sync.WaitGroup
		for i := range out[:50] {
			done.Add(1)
			go square(i, &out[i], &done)
		}
		done.Wait()
	}
}

func batches() {
	var done sync.WaitGroup
	for w := 0; w < 4; w++ {
		done.Add(1)
		go func() {
			defer done.Done()
			out := make([]int, 1500)
			for i := range out {
				out[i] = i * i
			}
			spin(time.Millisecond)
		}()
	}
	done.Wait()
}

// Each write goes through a pipe whose reader is slow.
func syscalls() {
	r, w, _ := os.Pipe()
	go func() {
		one := make([]byte, 1)
		for {
			if n, _ := r.Read(one); n == 0 {
				return
			}
		}
	}()
	for i := 0; i < 1500; i++ {
		w.Write([]byte("x"))
	}
	w.Close()
}

func buffered() {
	r, w, _ := os.Pipe()
	go func() {
		all := make([]byte, 1024)
		for {
			if n, _ := r.Read(all); n == 0 {
				return
			}
		}
	}()
	for i := 0; i < 10; i++ {
		w.Write(make([]byte, 150))
		time.Sleep(5 * time.Millisecond)
	}
	w.Close()
}

var ready bool

func poll(every, during time.Duration) {
	for end := time.Now().Add(during); !ready && time.Now().Before(end); {
		time.Sleep(every)
	}
}

func polls() { poll(200*time.Microsecond, 150*time.Millisecond) }
func ticks() { poll(20*time.Millisecond, 150*time.Millisecond) }

func slowServer() { serverThatTakes(1100 * time.Millisecond) }
func idleServer() {
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	go func() { listener.Accept() }()
	conn, _ := net.Dial("tcp", listener.Addr().String())
	go func() { conn.Read(make([]byte, 1)) }()
	time.Sleep(1200 * time.Millisecond)
}

func serverThatTakes(d time.Duration) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { time.Sleep(d) }))
	defer server.Close()
	if answer, err := http.Get(server.URL); err == nil {
		answer.Body.Close()
	}
}

func risky(i int) (err error) {
	defer func() {
		if r := recover(); r != nil {
			time.Sleep(time.Millisecond)
			err = fmt.Errorf("%v", r)
		}
	}()
	var table []int
	return fmt.Errorf("%d", table[i])
}

func recovered() {
	done := make(chan error)
	go func() { done <- risky(3) }()
	<-done
}

func work(orders chan int, book map[string]int) {
	for n := range orders {
		book["total"] += n
	}
}

func panics() {
	orders := make(chan int)
	for i := 0; i < 3; i++ {
		go func() { time.Sleep(time.Hour) }()
	}
	go work(orders, nil)
	time.Sleep(30 * time.Millisecond)
	orders <- 5
	time.Sleep(time.Second)
}

func fetch(address string, into *[]byte) {
	conn, _ := net.Dial("tcp", address)
	buffer := make([]byte, 8)
	n, _ := conn.Read(buffer)
	fmt.Println(buffer[n])
	*into = buffer[:n+8]
}

func panicsAfterRead() {
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	go func() {
		conn, _ := listener.Accept()
		time.Sleep(40 * time.Millisecond)
		conn.Write([]byte("hello"))
	}()
	var data []byte
	go fetch(listener.Addr().String(), &data)
	time.Sleep(time.Second)
}

func panicsInLock() {
	var lock sync.Mutex
	lock.Lock()
	go func() {
		lock.Lock()
		panic("the ledger does not balance")
	}()
	time.Sleep(25 * time.Millisecond)
	lock.Unlock()
	time.Sleep(time.Second)
}

func mapRace() {
	table := map[int]int{}
	time.Sleep(1100 * time.Millisecond)
	for g := 0; g < 4; g++ {
		go func() {
			for i := 0; ; i++ {
				table[i%10]++
			}
		}()
	}
	time.Sleep(2 * time.Second)
}

func exits() {
	time.Sleep(1100 * time.Millisecond)
	os.Exit(3)
}

// Pairs that pass a token to and fro while others compute: each turn is waited for.
func latency() {
	runtime.GOMAXPROCS(2)
	var stop atomic.Bool
	for i := 0; i < 6; i++ {
		go func() {
			for !stop.Load() {
				spin(5 * time.Millisecond)
			}
		}()
	}
	for i := 0; i < 4; i++ {
		ping, pong := make(chan int), make(chan int)
		go func() {
			for v := range ping {
				pong <- v
			}
		}()
		go func() {
			for !stop.Load() {
				ping <- 1
				<-pong
				spin(2 * time.Millisecond)
			}
		}()
	}
	time.Sleep(1500 * time.Millisecond)
	stop.Store(true)
}

// System calls that block, beside goroutines that want the Ps.
func handovers() {
	var stop atomic.Bool
	for i := 0; i < 4; i++ {
		go func() {
			for !stop.Load() {
				runtime.Gosched()
				spin(200 * time.Microsecond)
			}
		}()
	}
	var done sync.WaitGroup
	for i := 0; i < 8; i++ {
		done.Add(1)
		go func() {
			defer done.Done()
			for n := 0; n < 150; n++ {
				t := syscall.NsecToTimespec(200_000)
				syscall.Nanosleep(&t, nil)
			}
		}()
	}
	done.Wait()
	stop.Store(true)
}

func tasks(n int, take func(i int) time.Duration) {
	for i := 0; i < n; i++ {
		_, task := trace.NewTask(context.Background(), "request")
		time.Sleep(take(i))
		task.End()
	}
}

func slowTask() {
	tasks(60, func(i int) time.Duration {
		if i%30 == 7 {
			return 120 * time.Millisecond
		}
		return time.Millisecond
	})
}
func evenTasks() { tasks(60, func(int) time.Duration { return time.Millisecond }) }

func openTask() {
	trace.NewTask(context.Background(), "request")
	evenTasks()
	time.Sleep(400 * time.Millisecond)
}

// Waits, and a dump of them written on the way.
func dumped() {
	answers := make(chan int)
	for i := 0; i < 3; i++ {
		go func() { answers <- i }()
	}
	time.Sleep(40 * time.Millisecond)
	pprof.Lookup("goroutine").WriteTo(os.Stderr, 2)
}

// One P and many that want it: most have had no turn when the trace ends.
func crowd(each time.Duration, n int) {
	runtime.GOMAXPROCS(1)
	for i := 0; i < n; i++ {
		go spin(each)
	}
	over := make(chan struct{})
	time.AfterFunc(30*time.Millisecond, func() { close(over) })
	<-over
}

func neverRan() { crowd(time.Second, 40) }
func allRan()   { crowd(time.Millisecond, 5) }
