package command

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"

	"ctcheck/models"
	"ctcheck/report"
)

// Each file has what --format prints, whatever was there before, and nothing is left beside it.
func TestOut(t *testing.T) {
	dir := t.TempDir()
	args := []string{"-model", "valentin", "--setters", "1", "--nmi", "1", "--memory", "sc,tso"}
	all := args
	for i, e := range endings() {
		file := filepath.Join(dir, "report"+e)
		if i%2 == 0 {
			if err := os.WriteFile(file, []byte(strings.Repeat("old", 1<<16)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, "-out", file)
	}
	const slow = "states; Graphviz takes long to draw more than a few hundred"
	status, out, errs := callMain(all...)
	if status != exitViolated || strings.Count(errs, slow) != 2 || strings.Count(errs, "\n") != 2 ||
		!strings.Contains(out, "=>") {
		t.Fatalf("status %d, stderr %q, stdout\n%s", status, errs, out)
	}
	for i, e := range endings() {
		data, err := os.ReadFile(filepath.Join(dir, "report"+e))
		if err != nil {
			t.Fatal(err)
		}
		_, out, _ := callMain(append(args, "--format", formatNames()[i])...)
		lines := func(s string) int { return strings.Count(s, "\n") }
		first, _, _ := strings.Cut(out, "\n")
		if lines(out) != lines(string(data)) || !strings.HasPrefix(string(data), first+"\n") || len(out) < 500 {
			t.Errorf("--out with %s is not --format %s:\n%s", e, formatNames()[i], data)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != len(endings()) {
		t.Errorf("%v, %v; want %d files", left, err, len(endings()))
	}
}

// A link stays one, and what is no plain file is not replaced.
func TestOutTargets(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "link.md")
	file := filepath.Join(dir, "file.md")
	folder := filepath.Join(dir, "folder.md")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if status, _, errs := callMain("-model", "off", "--out", link); status != exitHolds || errs != "" {
		t.Errorf("status %d, stderr %q", status, errs)
	}
	if data, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(data), "# off: HOLDS") {
		t.Errorf("%v, %q", err, data)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v", err)
	}
	nowhere := filepath.Join(dir, "nowhere.md")
	if err := os.Symlink(filepath.Join(dir, "missing.md"), nowhere); err != nil {
		t.Fatal(err)
	}
	status, out, errs := callMain("-model", "off", "--out", nowhere)
	if info, err := os.Lstat(nowhere); status != exitBadCall || out != "" || err != nil ||
		!strings.Contains(errs, "is a link that leads to no file") || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("a link to nowhere: status %d, stdout %q, stderr %q, %v", status, out, errs, err)
	}
	status, out, errs = callMain("-model", "off", "--out", folder)
	if status != exitBadCall || out != "" || !strings.Contains(errs, "no plain file") {
		t.Errorf("status %d, stdout %q, stderr %q", status, out, errs)
	}
}

func TestCompletion(t *testing.T) {
	rows := []struct{ args, want, not, why string }{
		{"-model|", "peterz\n", "--", "the designs"},
		{"--model|", "bench-valentin\n", "--", "and those for benchmarks"},
		{"-model=|", "valentin\n", "--", "after ="},
		{"-mod|", "-model\t", "--model", "a flag by one dash"},
		{"--mod|", "--model\t", "", "and by two"},
		{"-props|", "default\n", "", "a set"},
		{"-props|no-warn,", "no-warn,no-lost-work\n", "default", "a second property"},
		{"-props|no-warn,", "no-warn,no-deadlock\n", "no-warn,no-warn\n", "and none twice"},
		{"-memory|sc,", "sc,tso\n", "sc,sc", "memory models"},
		{"-store|", "bitstate\n", "", "stores"},
		{"-search|", "bfs\ndfs\n", "", "searches"},
		{"-reduce|", "default\nnone\npor\nsymmetry\n", "", "reductions"},
		{"-context|user,", "user,idle\n", "user,user", "contexts"},
		{"-start|", "body\n", "", "places"},
		{"-format|", "sarif\n", "", "formats"},
		{"-out|", "sarif\n:8", "", "files with these endings"},
		{"-color|", "always\n", "", "colours"},
		{"-progress|", "plain\n", "", "progress"},
		{"matrix|-designs|peterz,", "peterz,valentin\n", "peterz,peterz\n", "a second design"},
		{"matrix|-configs|", "1+nmi\n", "", "configurations"},
		{"weaken|-model|", "valentin\n", "", "designs"},
		{"weaken|-format|", "md\n", "sarif", "formats of a table"},
		{"findings|-progress|", "none\n", "", "progress"},
		{"explore|-memory|", "tso\n", "", "memory models"},
		{"completion|", "zsh\t", "", "the shells"},
	}
	for _, row := range rows {
		args := strings.Split(row.args, "|")
		if strings.HasSuffix(args[0], "=") || strings.HasSuffix(args[0], "mod") {
			args = args[:1]
		}
		_, out, _ := callMain(append([]string{"__complete"}, args...)...)
		if !strings.Contains(out, row.want) || row.not != "" && strings.Contains(out, row.not) {
			t.Errorf("%s: got %q, want %q and not %q (%s)", row.args, out, row.want, row.not, row.why)
		}
	}
	for shell, want := range map[string]string{"bash": "__start_ctcheck", "zsh": "#compdef ctcheck",
		"fish": "complete -c ctcheck"} {
		status, out, errs := callMain("completion", shell, "-no-descriptions")
		if status != 0 || errs != "" || !strings.Contains(out, want) || !strings.Contains(out, "__completeNoDesc") {
			t.Errorf("completion %s: status %d, stderr %q, %d bytes", shell, status, errs, len(out))
		}
	}
	if _, out, _ := callMain("__complete", "-model", ""); len(strings.Split(out, "\n")) <= len(models.All()) {
		t.Errorf("not every design is offered: %q", out)
	}
}

func TestVersion(t *testing.T) {
	status, out, errs := callMain("version")
	if status != 0 || errs != "" || !strings.HasPrefix(out, "ctcheck ") || !strings.Contains(out, ", commit ") {
		t.Errorf("status %d, stderr %q, stdout %q", status, errs, out)
	}
	info := &debug.BuildInfo{Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "abc123"}, {Key: "vcs.modified", Value: "true"}}}
	if got := describe(info); !strings.HasPrefix(got, report.Version+", commit abc123 (modified), go1.") {
		t.Error(got)
	}
	if got := describe(nil); !strings.HasPrefix(got, report.Version+", commit not stamped, ") {
		t.Error(got)
	}
	changes, err := os.ReadFile("../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	_, latest, _ := strings.Cut(string(changes), "\n## ")
	if !strings.HasPrefix(latest, report.Version+", ") {
		t.Errorf("the latest version in CHANGELOG.md is %.30q, that of the command %s", latest, report.Version)
	}
}

// NOTICE.md names each module that the command or a test has in it, and each file that is under another licence.
func TestNotice(t *testing.T) {
	t.Chdir("..")
	notice, err := os.ReadFile("NOTICE.md")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, m := range regexp.MustCompile(`(?m)^\t(\S+) v`).FindAllStringSubmatch(string(mod), -1) {
		want = append(want, m[1])
	}
	files, err := filepath.Glob("testdata/c/*")
	if err != nil {
		t.Fatal(err)
	}
	modules := len(want)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "SPDX-License-Identifier: GPL") {
			want = append(want, file)
		}
	}
	if modules < 10 || len(want)-modules < 5 {
		t.Errorf("%d modules, %d files", modules, len(want)-modules)
	}
	for _, name := range want {
		if !strings.Contains(string(notice), "`"+name+"`") {
			t.Errorf("NOTICE.md does not name %s", name)
		}
	}
	if n := strings.Count(string(notice), "\n- `testdata/"); n != len(want)-modules {
		t.Errorf("NOTICE.md names %d files, want %d", n, len(want)-modules)
	}
}
