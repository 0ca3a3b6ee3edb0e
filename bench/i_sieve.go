// i: the prime sieve, a goroutine for each prime found, over unbuffered channels; the unit is one prime.
package main

import "time"

func generate(out chan int) {
	for n := 2; ; n++ {
		out <- n
	}
}

func filter(in, out chan int, prime int) {
	for {
		n := <-in
		if n%prime != 0 {
			out <- n
		}
	}
}

// plain finds the n-th prime by trial division.
func plain(n int) int {
	for v := 2; ; v++ {
		prime := true
		for d := 2; d*d <= v && prime; d++ {
			prime = v%d != 0
		}
		if prime {
			n--
			if n == 0 {
				return v
			}
		}
	}
}

func main() {
	n := size(2500)
	want := plain(n)
	start := time.Now()
	c := make(chan int)
	go generate(c)
	prime := 0
	for i := 0; i < n; i++ {
		prime = <-c
		next := make(chan int)
		go filter(c, next, prime)
		c = next
	}
	must("i_sieve", prime == want)
	report("i_sieve", start, n)
}
