package cttest

import (
	"context"
	"os"
	"testing"

	"ctcheck/cfront"
	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/models"
)

// CFile is the protocol in a C file ([ctcheck/cfront]) that says itself what its CPUs run, for the assertions of
// this package. Its claims and assertions are part of it. The ranges of its variables are found by searches under
// sequential consistency and x86-TSO, so it takes the time of two. The test stops if the file cannot be read, or if
// something in it is not supported.
func CFile(t testing.TB, file string) *model.Program {
	t.Helper()
	f := cFile(t, file)
	return settled(t, f, f.Program)
}

// CDesign is the deferral design in a C file in a configuration, as CFile.
func CDesign(t testing.TB, file string, c models.Config) *model.Program {
	t.Helper()
	f := cFile(t, file)
	if !f.IsDeferral() {
		t.Fatalf("%s is no deferral design: it has no CTCHECK_DEFERRAL", file)
	}
	return settled(t, f, func() (*model.Program, error) { return f.Design().Program(c) })
}

func cFile(t testing.TB, file string) *cfront.File {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	f, err := cfront.Load([]cfront.Source{{Name: file, Text: text}}, cfront.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// settled is a program with the ranges that it needs.
func settled(t testing.TB, f *cfront.File, build func() (*model.Program, error)) (p *model.Program) {
	t.Helper()
	for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
		err := explore.Widening(f.Widen, func() (err error) {
			if p, err = build(); err != nil {
				return err
			}
			_, err = explore.Run(context.Background(), p, nil, explore.Options{Memory: mm})
			return err
		})
		if err != nil {
			t.Fatal(fault(t, p, err))
		}
	}
	return p
}
