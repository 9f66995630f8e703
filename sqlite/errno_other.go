//go:build !windows

package sqlite

import (
	"errors"
	"syscall"
)

// diskFull tells whether the disk or a quota is behind err.
func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
