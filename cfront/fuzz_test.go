package cfront_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctcheck/cfront"
	"ctcheck/models"
)

// FuzzLoad reads C that somebody changed anyhow: it is read or refused, and what is refused is told, with a place.
func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"../examples/*.c", "../testdata/c/luto.c", "../testdata/c/rfc*.c"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatal(pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(text))
		}
	}
	for seed := range uint64(5) {
		text, _ := randomC(seed)
		f.Add("#include <ctcheck.h>\n" + text + "CTCHECK_CPU(A) { compute(); }\n")
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<14 {
			return
		}
		file, err := cfront.Load([]cfront.Source{{Name: "p.c", Text: []byte(text)}}, cfront.Options{})
		switch {
		case err != nil:
		case file.IsDeferral():
			_, err = file.Design().Program(models.DefaultConfig())
		default:
			_, err = file.Program()
		}
		if err != nil && strings.Contains(err.Error(), "checker fault") {
			t.Error(err)
		}
	})
}
