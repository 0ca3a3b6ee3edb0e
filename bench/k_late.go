// k: beside 1, 2, 4 and 8 loops that call nothing, a goroutine that sleeps for 1 ms, over and over: by how much it is late in
// the worst turn of a hundred. At 1 P all loops are in its way.
package main

import (
	"fmt"
	"sort"
	"time"
)

const most = 8

func hog() {
	n := 0
	for {
		n++
	}
}

func main() {
	late := make([]int64, size(200))
	hogs := 0
	for want := 1; want <= most; want *= 2 {
		for ; hogs < want; hogs++ {
			go hog()
		}
		time.Sleep(100 * time.Millisecond) // they have all begun
		for i := range late {
			due := time.Now().Add(time.Millisecond)
			time.Sleep(time.Millisecond)
			late[i] = time.Since(due).Nanoseconds()
		}
		sort.Slice(late, func(i, j int) bool { return late[i] < late[j] })
		reportvalue(fmt.Sprintf("k_late%d", hogs), late[len(late)*99/100])
	}
}
