// n: start a million goroutines that each touch 3 KB of their stack and end: the most memory that takes, resident pages at their
// peak and page tables.
package main

import "sync"

//go:noinline
func fill(b []byte, n int) {
	for i := range b {
		b[i] = byte(n)
	}
}

//go:noinline
func touch(n int) byte {
	var b [3072]byte
	fill(b[:], n)
	return b[n&1023]
}

func task(n int, wg *sync.WaitGroup) {
	must("n_burst", touch(n) == byte(n))
	wg.Done()
}

func main() {
	n := size(1000000)
	var wg sync.WaitGroup
	before := memory()
	wg.Add(n)
	for i := 0; i < n; i++ {
		go task(i, &wg)
	}
	wg.Wait()
	reportvalue("n_burst", status("VmHWM:")+status("VmPTE:")-before)
}
