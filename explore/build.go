package explore

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"sync"
)

// This file tells builds of the program apart: by the executable's own contents, as two builds may have the version
// in common, and the state of the sources too, and yet be of different code.

// thisBuild is a hash (SHA-256) of the executable that runs. It is computed once, when a checkpoint is first asked
// for, which is before the search begins.
var thisBuild = sync.OnceValues(func() (string, error) {
	f, err := executable()
	if err != nil {
		return "", fmt.Errorf("it is not known which build of ctcheck this is: %w", err)
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", fmt.Errorf("it is not known which build of ctcheck this is: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
})

// executable opens the file that runs. Under its path there may be a newer build by now; Linux has what is running
// under a name of its own.
func executable() (*os.File, error) {
	if f, err := os.Open("/proc/self/exe"); err == nil {
		return f, nil
	}
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return os.Open(path)
}
