package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// times are durations of the same thing done again and again.
type times []time.Duration

// at is the duration below which the share q of all lie.
func (t times) at(q float64) time.Duration {
	if len(t) == 0 {
		return 0
	}
	s := slices.Clone(t)
	slices.Sort(s)
	return s[min(len(s)-1, int(q*float64(len(s))))]
}

// diskFloor is F: how often a second 4 KiB can be overwritten and synced in dir, one after the other.
func diskFloor(dir string, for_ time.Duration) (perSecond float64, each times, err error) {
	path := filepath.Join(dir, "bench.floor")
	f, err := os.Create(path)
	if err != nil {
		return 0, nil, err
	}
	defer os.Remove(path)
	defer f.Close()
	block := make([]byte, 4096)
	if _, err := f.WriteAt(block, 0); err != nil {
		return 0, nil, err
	}
	if err := f.Sync(); err != nil {
		return 0, nil, err
	}
	begin := time.Now()
	for time.Since(begin) < for_ {
		one := time.Now()
		block[0]++
		if _, err := f.WriteAt(block, 0); err != nil {
			return 0, nil, err
		}
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			return 0, nil, err
		}
		each = append(each, time.Since(one))
	}
	return float64(len(each)) / time.Since(begin).Seconds(), each, nil
}

// wireFloor is R: what a raw loop of writes of the same bytes to n loopback sockets reaches, and how long it takes from
// the first write of a round to the last reader that has it, at rate rounds a second.
func wireFloor(n, size, rounds int, rate float64) (perSecond float64, last times, err error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, nil, err
	}
	defer ln.Close()
	ends, err := pairs(ln, n)
	if err != nil {
		return 0, nil, err
	}
	defer func() {
		for _, e := range ends {
			e[0].Close()
			e[1].Close()
		}
	}()
	var round sync.WaitGroup
	for _, e := range ends {
		go func() {
			buf := make([]byte, size)
			for {
				if _, err := io.ReadFull(e[1], buf); err != nil {
					return
				}
				round.Done()
			}
		}()
	}
	payload := make([]byte, size)
	var writing time.Duration
	begin := time.Now()
	for i := range rounds {
		time.Sleep(time.Until(begin.Add(time.Duration(float64(i) / rate * float64(time.Second)))))
		round.Add(n)
		one := time.Now()
		for _, e := range ends {
			if _, err := e[0].Write(payload); err != nil {
				return 0, nil, err
			}
		}
		writing += time.Since(one)
		round.Wait()
		last = append(last, time.Since(one))
	}
	return float64(n*rounds) / writing.Seconds(), last, nil
}

func pairs(ln net.Listener, n int) (ends [][2]net.Conn, err error) {
	for range n {
		out, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			return ends, fmt.Errorf("socket %d: %w", len(ends), err)
		}
		in, err := ln.Accept()
		if err != nil {
			return ends, err
		}
		ends = append(ends, [2]net.Conn{in, out})
	}
	return ends, nil
}
