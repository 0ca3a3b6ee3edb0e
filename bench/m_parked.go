// m: a million goroutines parked on a channel: what each of them costs, resident pages and page tables.
package main

import (
	"runtime"
	"sync"
	"time"
)

func parks(gate chan int, up *sync.WaitGroup) {
	up.Done()
	<-gate
}

func main() {
	n := size(1000000)
	gate := make(chan int)
	var up sync.WaitGroup
	before := memory()
	up.Add(n)
	for i := 0; i < n; i++ {
		go parks(gate, &up)
	}
	up.Wait()
	time.Sleep(100 * time.Millisecond) // the last of them are on their way to the channel
	must("m_parked", runtime.NumGoroutine() == n+1)
	reportvalue("m_parked", (memory()-before)/int64(n))
}
