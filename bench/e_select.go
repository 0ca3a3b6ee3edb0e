// e: select over four unbuffered channels, a sender on each; the unit is one item.
package main

import "time"

func sender(c chan int, n int) {
	for i := 1; i <= n; i++ {
		c <- i
	}
}

func main() {
	n := size(1000000) / 4
	var c [4]chan int
	start := time.Now()
	for i := range c {
		c[i] = make(chan int)
		go sender(c[i], n)
	}
	sum := 0
	var count [4]int
	for i := 0; i < 4*n; i++ {
		v, k := 0, 0
		select {
		case v = <-c[0]:
			k = 0
		case v = <-c[1]:
			k = 1
		case v = <-c[2]:
			k = 2
		case v = <-c[3]:
			k = 3
		}
		sum += v
		count[k]++
	}
	ok := sum == 4*(n*(n+1)/2)
	for _, k := range count {
		ok = ok && k == n
	}
	must("e_select", ok)
	report("e_select", start, 4*n)
}
