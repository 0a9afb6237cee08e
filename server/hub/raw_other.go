//go:build !unix

package hub

import (
	"net"
	"syscall"
)

// rawConn does not exist here: every write goes through the runtime.
type rawConn struct {
	conn
	raw syscall.RawConn
}

func rawOf(net.Conn) syscall.RawConn { return nil }
