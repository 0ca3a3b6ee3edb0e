// p: an echo server with 10,000 connections, each of which has had one message there and back and is idle now: what each costs the
// server, resident pages and page tables. The clients are a process of their own: this program once more. What the kernel has
// for a socket is not in it.
package main

import (
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"
)

func echo(c net.Conn) {
	buf := make([]byte, 4096)
	for {
		n, err := c.Read(buf)
		if err != nil {
			break
		}
		if _, err = c.Write(buf[:n]); err != nil {
			break
		}
	}
	c.Close()
}

func serve(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go echo(c)
	}
}

// client says that all is done by a byte on standard output, and ends with standard input. With a reset, or the ports would be kept
// for a minute.
func client(to string, n int) {
	msg := make([]byte, 64)
	var all []net.Conn // or the collector closes them
	for i := 0; i < n; i++ {
		c, err := net.Dial("tcp", to)
		must("p_idle: connect", err == nil)
		c.(*net.TCPConn).SetLinger(0)
		_, err = c.Write(msg)
		must("p_idle: write", err == nil)
		_, err = io.ReadFull(c, msg)
		must("p_idle: echo", err == nil)
		all = append(all, c)
	}
	os.Stdout.Write(msg[:1])
	os.Stdin.Read(msg)
	runtime.KeepAlive(all)
	os.Exit(0)
}

func main() {
	if len(os.Args) > 3 {
		n, _ := strconv.Atoi(os.Args[3])
		client(os.Args[2], n)
	}
	n := size(10000)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must("p_idle", err == nil)
	go serve(l)
	before := memory()
	clients := exec.Command("/proc/self/exe", "client", l.Addr().String(), strconv.Itoa(n))
	in, err := clients.StdinPipe()
	must("p_idle", err == nil)
	out, err := clients.StdoutPipe()
	must("p_idle", err == nil && clients.Start() == nil)
	_, err = io.ReadFull(out, make([]byte, 1))
	must("p_idle", err == nil)
	time.Sleep(100 * time.Millisecond) // the last one is on its way back to its read
	must("p_idle", runtime.NumGoroutine() >= n)
	reportvalue("p_idle", (memory()-before)/int64(n))
	in.Close()
}
