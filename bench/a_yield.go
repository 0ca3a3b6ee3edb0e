// a: two goroutines yield to each other; the unit is one switch.
package main

import (
	"runtime"
	"sync"
	"time"
)

func yielder(n int, count *int, wg *sync.WaitGroup) {
	for i := 0; i < n; i++ {
		runtime.Gosched()
		*count++
	}
	wg.Done()
}

func main() {
	n := size(2000000)
	var wg sync.WaitGroup
	var x, y int
	start := time.Now()
	wg.Add(2)
	go yielder(n, &x, &wg)
	go yielder(n, &y, &wg)
	wg.Wait()
	must("a_yield", x == n && y == n)
	report("a_yield", start, 2*n)
}
