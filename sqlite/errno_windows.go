package sqlite

import (
	"errors"
	"syscall"
)

// The system's errors for a full disk
// (https://learn.microsoft.com/windows/win32/debug/system-error-codes).
const (
	errorHandleDiskFull    = syscall.Errno(39)
	errorDiskFull          = syscall.Errno(112)
	errorDiskQuotaExceeded = syscall.Errno(1295)
)

// diskFull tells whether the disk or a quota is behind err.
func diskFull(err error) bool {
	return errors.Is(err, errorDiskFull) || errors.Is(err, errorHandleDiskFull) ||
		errors.Is(err, errorDiskQuotaExceeded)
}
