// l: 1,000 goroutines in a plain system call that sleeps for 1 s, at once: until all are done, and how many threads there are then.
package main

import (
	"os"
	"sync"
	"syscall"
	"time"
)

func main() {
	n := size(1000)
	var wg sync.WaitGroup
	start := time.Now()
	wg.Add(n)
	for i := 0; i < n; i++ {
		go func() {
			ts := syscall.Timespec{Sec: 1}
			must("l_asleep", syscall.Nanosleep(&ts, nil) == nil)
			wg.Done()
		}()
	}
	wg.Wait()
	report("l_asleep", start, 1)
	threads, err := os.ReadDir("/proc/self/task")
	must("l_asleep", err == nil)
	reportvalue("l_asleep_threads", int64(len(threads)))
}
