// o: recursion to 1 MB of stack in a fresh goroutine, which then ends; the unit is one goroutine.
package main

import (
	"sync"
	"time"
)

const depth = 1024 // frames of 1 KB

//go:noinline
func set(b *[1000]byte, n int) {
	b[n&511] = 1
}

//go:noinline
func down(n int) int {
	var b [1000]byte
	set(&b, n)
	sum := 0
	if n > 1 {
		sum = down(n - 1)
	}
	return sum + int(b[n&511])
}

func task(wg *sync.WaitGroup) {
	must("o_deep", down(depth) == depth)
	wg.Done()
}

func main() {
	n := size(10000)
	var wg sync.WaitGroup
	start := time.Now()
	for i := 0; i < n; i++ {
		wg.Add(1)
		go task(&wg)
		wg.Wait()
	}
	report("o_deep", start, n)
}
