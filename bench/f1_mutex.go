// f1: a mutex nobody else wants; the unit is one lock and unlock.
package main

import (
	"sync"
	"time"
)

func main() {
	n := size(50000000)
	var mu sync.Mutex
	count := 0
	start := time.Now()
	for i := 0; i < n; i++ {
		mu.Lock()
		count++
		mu.Unlock()
	}
	must("f1_mutex", count == n)
	report("f1_mutex", start, n)
}
