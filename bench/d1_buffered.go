// d1: a channel of 128, one producer, one consumer; the unit is one item.
package main

import "time"

func producer(c chan int, n int) {
	for i := 1; i <= n; i++ {
		c <- i
	}
	close(c)
}

func main() {
	n := size(10000000)
	c := make(chan int, 128)
	start := time.Now()
	go producer(c, n)
	sum := 0
	for v := range c {
		sum += v
	}
	must("d1_buffered", sum == n*(n+1)/2)
	report("d1_buffered", start, n)
}
