// f2: a hundred goroutines, one mutex; the unit is one lock and unlock.
package main

import (
	"sync"
	"time"
)

func worker(mu *sync.Mutex, count *int, n int, wg *sync.WaitGroup) {
	for i := 0; i < n; i++ {
		mu.Lock()
		*count++
		mu.Unlock()
	}
	wg.Done()
}

func main() {
	n := size(20000000) / 100
	var mu sync.Mutex
	var wg sync.WaitGroup
	count := 0
	start := time.Now()
	wg.Add(100)
	for i := 0; i < 100; i++ {
		go worker(&mu, &count, n, &wg)
	}
	wg.Wait()
	must("f2_mutex100", count == 100*n)
	report("f2_mutex100", start, 100*n)
}
