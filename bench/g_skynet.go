// g: skynet: a tree of goroutines, ten a level, a million leaves, sums passed up over channels; the unit is one leaf.
package main

import "time"

func skynet(c chan int, num, leaves int) {
	if leaves == 1 {
		c <- num
		return
	}
	rc := make(chan int)
	leaves /= 10
	for i := 0; i < 10; i++ {
		go skynet(rc, num+i*leaves, leaves)
	}
	sum := 0
	for i := 0; i < 10; i++ {
		sum += <-rc
	}
	c <- sum
}

func main() {
	n := size(1000000) // a power of ten
	c := make(chan int)
	start := time.Now()
	go skynet(c, 0, n)
	sum := <-c
	must("g_skynet", sum == n*(n-1)/2)
	report("g_skynet", start, n)
}
