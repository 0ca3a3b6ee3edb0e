// b2: start a million goroutines that add to an atomic, then wait for all; the unit is one goroutine.
package main

import (
	"sync"
	"sync/atomic"
	"time"
)

func task(sum *int64, wg *sync.WaitGroup) {
	atomic.AddInt64(sum, 1)
	wg.Done()
}

func main() {
	n := size(1000000)
	var wg sync.WaitGroup
	var sum int64
	start := time.Now()
	wg.Add(n)
	for i := 0; i < n; i++ {
		go task(&sum, &wg)
	}
	wg.Wait()
	must("b2_million", sum == int64(n))
	report("b2_million", start, n)
}
