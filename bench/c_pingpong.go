// c: ping-pong over two unbuffered channels; the unit is one round trip.
package main

import "time"

func ponger(ping, pong chan int) {
	for {
		v, ok := <-ping
		if !ok {
			close(pong)
			return
		}
		pong <- v + 1
	}
}

func main() {
	n := size(1000000)
	ping := make(chan int)
	pong := make(chan int)
	start := time.Now()
	go ponger(ping, pong)
	v := 0
	for i := 0; i < n; i++ {
		ping <- v
		v = <-pong
	}
	close(ping)
	_, ok := <-pong
	must("c_pingpong", v == n && !ok)
	report("c_pingpong", start, n)
}
