// What every Go program of bench/ shares: its size, its clock, its lines of output.
// Built into each of them: go build -o a_yield a_yield.go report.go
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// size is the first argument, or def.
func size(def int) int {
	if len(os.Args) > 1 {
		n, err := strconv.Atoi(os.Args[1])
		if err != nil || n < 1 {
			fmt.Fprintln(os.Stderr, "bench: the argument must be a positive number")
			os.Exit(2)
		}
		return n
	}
	return def
}

func must(name string, ok bool) {
	if !ok {
		fmt.Fprintln(os.Stderr, name+": wrong answer")
		os.Exit(1)
	}
}

// report prints: name, total nanoseconds, nanoseconds per unit, peak resident kilobytes.
func report(name string, start time.Time, units int) {
	total := time.Since(start).Nanoseconds()
	var ru syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &ru)
	fmt.Printf("%s %d %.2f %d\n", name, total, float64(total)/float64(units), ru.Maxrss)
}

// reportvalue is the same line for a number that is not the time of the whole run.
func reportvalue(name string, value int64) {
	var ru syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &ru)
	fmt.Printf("%s %d %d %d\n", name, value, value, ru.Maxrss)
}

// status is a field of /proc/self/status, "VmRSS:", in bytes.
func status(field string) int64 {
	text, err := os.ReadFile("/proc/self/status")
	must(field, err == nil)
	_, after, found := strings.Cut(string(text), "\n"+field)
	must(field, found)
	kb, err := strconv.ParseInt(strings.Fields(after)[0], 10, 64)
	must(field, err == nil)
	return kb * 1024
}

// memory is resident pages and page tables, in bytes.
func memory() int64 {
	return status("VmRSS:") + status("VmPTE:")
}
