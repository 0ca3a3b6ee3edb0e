// h: fib(30) with a goroutine for every call, 2.69 million, joined by a waitgroup; the unit is one goroutine.
package main

import (
	"sync"
	"time"
)

func fib(n int, result *int, parent *sync.WaitGroup) {
	if n < 2 {
		*result = n
	} else {
		var a, b int
		var wg sync.WaitGroup
		wg.Add(2)
		go fib(n-1, &a, &wg)
		go fib(n-2, &b, &wg)
		wg.Wait()
		*result = a + b
	}
	parent.Done()
}

func plain(n int) int {
	a, b := 0, 1
	for ; n > 0; n-- {
		a, b = b, a+b
	}
	return a
}

func main() {
	n := size(30)
	var wg sync.WaitGroup
	var result int
	start := time.Now()
	wg.Add(1)
	go fib(n, &result, &wg)
	wg.Wait()
	must("h_fib", result == plain(n))
	report("h_fib", start, 2*plain(n+1)-1)
}
