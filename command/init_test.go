package command

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// goIn calls the go command in a folder, with what the machine has: nothing is downloaded.
func goIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// The module that init writes is outside the tree, and finds ctcheck by replace. It is well formed, its tests pass,
// and its main is ctcheck with the protocol in it.
func TestInit(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a module")
	}
	dir := filepath.Join(t.TempDir(), "my-lock")
	status, out, errs := callMain("init", dir)
	if status != exitHolds || errs != "" || !strings.Contains(out, "go test ./...") {
		t.Fatalf("status %d, stdout %q, stderr %q", status, out, errs)
	}
	goIn(t, dir, "vet", "./...")
	goIn(t, dir, "test", "./...")
	if out, err := exec.Command("gofmt", "-l", dir).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("gofmt: %v %s", err, out)
	}
	const want = "ticket-lock: HOLDS under sc"
	if out := goIn(t, dir, "run", ".", "-model", "ticket-lock"); !strings.HasPrefix(out, want) {
		t.Errorf("the main says %s", out)
	}
	if out := goIn(t, dir, "list", "-m"); out != "my-lock\n" {
		t.Errorf("the module is %s", out)
	}

	// In a workspace with the clone, neither replace nor require is wanted.
	goIn(t, dir, "mod", "edit", "-dropreplace", "ctcheck", "-droprequire", "ctcheck")
	clone, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	// A workspace looks at all modules, those of other systems too, which nothing else has needed yet.
	if out, err := exec.Command("go", "-C", clone, "mod", "download").CombinedOutput(); err != nil {
		t.Skipf("not all modules of ctcheck are here: %v %s", err, out)
	}
	goIn(t, filepath.Dir(dir), "work", "init", "my-lock", clone)
	goIn(t, dir, "test", "-count=1", "./...")
}

// What somebody has written is not touched, and nothing is written where the clone is not there.
func TestInitRefuses(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "main.go"), []byte("package mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	fresh := filepath.Join(t.TempDir(), "new")
	for _, row := range []badCall{
		{"init", "init needs a folder", "no folder"},
		{"init a b", `"b" is a second`, "two folders"},
		{"init " + full, "the folder is not empty, it has main.go", "somebody's module"},
		{"init " + full + "/main.go", "not a directory; name a folder that is new or empty", "a file"},
		{"init " + fresh + " --ctcheck " + full, "there is no clone of ctcheck", "no clone"},
	} {
		row.check(t, strings.Fields(row.args)...)
	}
	badCall{`init ""`, "init needs a folder", "a folder without a name"}.check(t, "init", "")
	if _, err := os.Stat(fresh); err == nil {
		t.Error("a refused call made a folder")
	}
}

// A folder's name is the module's, where the go command takes it.
func TestModuleName(t *testing.T) {
	for dir, want := range map[string]string{
		"a/mylock": "mylock", "/x/my_lock-2": "my_lock-2", "My Lock": "protocol", "2fast": "protocol",
		"ctcheck": "protocol", "/": "protocol",
	} {
		if got := moduleName(dir); got != want {
			t.Errorf("%s: %s, want %s", dir, got, want)
		}
	}
	got := string(goMod("m", "/my folder/ctcheck", "go 1.26.0\n\nrequire (\n\tx.y/z v1.2.3\n)\n"))
	if !strings.Contains(got,
		"\nreplace ctcheck => \"/my folder/ctcheck\"\n\nrequire (\n\tx.y/z v1.2.3 // indirect\n)\n") {
		t.Error(got)
	}
}
