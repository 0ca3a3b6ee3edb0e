// d2: a channel of 128, four producers, four consumers; the unit is one item.
package main

import (
	"sync"
	"time"
)

func producer(c chan int, n int, wg *sync.WaitGroup) {
	for i := 1; i <= n; i++ {
		c <- i
	}
	wg.Done()
}

func consumer(c chan int, results chan int) {
	sum := 0
	for v := range c {
		sum += v
	}
	results <- sum
}

func main() {
	n := size(10000000) / 4
	c := make(chan int, 128)
	results := make(chan int, 4)
	var wg sync.WaitGroup
	start := time.Now()
	wg.Add(4)
	for i := 0; i < 4; i++ {
		go producer(c, n, &wg)
		go consumer(c, results)
	}
	wg.Wait()
	close(c)
	sum := 0
	for i := 0; i < 4; i++ {
		sum += <-results
	}
	must("d2_buffered4", sum == 4*(n*(n+1)/2))
	report("d2_buffered4", start, 4*n)
}
