// b1: start a goroutine that does nothing, wait for its end; the unit is one start and join.
package main

import (
	"sync"
	"time"
)

func task(count *int, wg *sync.WaitGroup) {
	*count++
	wg.Done()
}

func main() {
	n := size(1000000)
	var wg sync.WaitGroup
	count := 0
	start := time.Now()
	for i := 0; i < n; i++ {
		wg.Add(1)
		go task(&count, &wg)
		wg.Wait()
	}
	must("b1_spawn", count == n)
	report("b1_spawn", start, n)
}
