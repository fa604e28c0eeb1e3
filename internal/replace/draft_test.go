package replace

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// halfWay is the file that a child of the tests writes for ever.
const halfWay = "REPLACE_TEST_HALF_WAY"

func TestMain(m *testing.M) {
	if file := os.Getenv(halfWay); file != "" {
		_ = File(file, 0o600, func(w io.Writer) error {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				return err
			}
			os.Stdout.WriteString("half way\n")
			time.Sleep(time.Hour) // until it is killed
			return nil
		})
		return
	}
	os.Exit(m.Run())
}

// writer is a process that is half way through a file.
func writer(t *testing.T, file string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), halfWay+"="+file)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("%q, %v", line, err)
	}
	return cmd
}

func names(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// What a writer leaves that is killed, the next one takes away, and not what others still write, or what is not
// theirs.
func TestKilledWriters(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no locks that say whose a file is")
	}
	for _, next := range []struct {
		what string
		call func(file string) error
		left int
	}{
		{"Probe", Probe, 0},
		{"File", func(file string) error {
			return File(file, 0o600, func(w io.Writer) error { return nil })
		}, 1},
	} {
		dir := t.TempDir()
		file := filepath.Join(dir, "a+b")
		others := []string{".a+b.tmp", ".a+b.1.tmp", ".aab.1.0.tmp", "a+b.1.0.tmp", ".a+b.x.0.tmp", ".a+b.1.0.tmp1"}
		for _, name := range others {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Mkdir(filepath.Join(dir, ".a+b.1.0.tmp"), 0o700); err != nil {
			t.Fatal(err)
		}
		kept := len(others) + 1
		killed, alive := writer(t, file), writer(t, file)
		if err := next.call(file); err != nil || len(names(t, dir)) != kept+2+next.left {
			t.Errorf("%s while two write: %v, and there are %q", next.what, err, names(t, dir))
		}
		killed.Process.Kill()
		killed.Wait()
		if err := next.call(file); err != nil || len(names(t, dir)) != kept+1+next.left {
			t.Errorf("%s when one was killed: %v, and there are %q", next.what, err, names(t, dir))
		}
		alive.Process.Kill()
		alive.Wait()
		if err := next.call(file); err != nil || len(names(t, dir)) != kept+next.left {
			t.Errorf("%s when both were killed: %v, and there are %q", next.what, err, names(t, dir))
		}
	}
}

// Many who write one file at the same time, and take away what they find, never take away what one of them writes.
func TestManyWriters(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	done := make(chan error)
	const writers = 8
	for range writers {
		go func() {
			var err error
			for i := 0; i < 100 && err == nil; i++ {
				err = File(file, 0o600, func(w io.Writer) error {
					_, err := io.WriteString(w, "whole")
					return err
				})
			}
			done <- err
		}()
	}
	for range writers {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if got := names(t, filepath.Dir(file)); len(got) != 1 || read(t, file) != "whole" {
		t.Errorf("there are %q", got)
	}
}
