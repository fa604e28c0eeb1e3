//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package replace

import (
	"errors"
	"os"
)

// lock takes the lock of an open file. There are none.
func lock(*os.File) error { return errors.ErrUnsupported }
