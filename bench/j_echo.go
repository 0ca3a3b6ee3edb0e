// j: echo over TCP on the loopback address, 64 bytes, 100 connections, servers and clients in one process; the unit is one message
// there and back.
package main

import (
	"bytes"
	"io"
	"net"
	"time"
)

const conns, bytesEach = 100, 64

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

func client(addr string, n int, done chan int) {
	right := 0
	c, err := net.Dial("tcp", addr)
	if err == nil {
		out, in := make([]byte, bytesEach), make([]byte, bytesEach)
		for i := 0; i < n; i++ {
			for k := range out {
				out[k] = byte(i)
			}
			if _, err := c.Write(out); err != nil {
				break
			}
			if _, err := io.ReadFull(c, in); err != nil {
				break
			}
			if bytes.Equal(in, out) {
				right++
			}
		}
		c.Close()
	}
	done <- right
}

func main() {
	n := size(100000) / conns
	done := make(chan int)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must("j_echo", err == nil)
	start := time.Now()
	go serve(l)
	for i := 0; i < conns; i++ {
		go client(l.Addr().String(), n, done)
	}
	right := 0
	for i := 0; i < conns; i++ {
		right += <-done
	}
	must("j_echo", right == n*conns)
	report("j_echo", start, right)
}
