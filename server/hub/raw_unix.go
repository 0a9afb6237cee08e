//go:build unix

package hub

import (
	"errors"
	"net"
	"syscall"
)

// rawConn writes without waiting, past the runtime's poller.
type rawConn struct {
	conn
	raw syscall.RawConn
}

func rawOf(c net.Conn) syscall.RawConn {
	switch c.(type) {
	case *net.TCPConn, *net.UnixConn:
		if raw, err := c.(syscall.Conn).SyscallConn(); err == nil {
			return raw
		}
	}
	return nil
}

// TryWrite writes what the kernel takes now.
func (c *rawConn) TryWrite(data []byte) (n int, err error) {
	failed := c.raw.Write(func(fd uintptr) bool {
		for {
			n, err = syscall.Write(int(fd), data)
			if !errors.Is(err, syscall.EINTR) {
				return true
			}
		}
	})
	switch {
	case failed != nil:
		return 0, failed
	case errors.Is(err, syscall.EAGAIN):
		return 0, nil
	case err != nil:
		return 0, err
	}
	return n, nil
}
