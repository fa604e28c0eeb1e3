package cfront

import (
	gocontext "context"
	"fmt"
	"os"
	"testing"

	"ctcheck/explore"
	"ctcheck/models"
	"ctcheck/props"
)

func TestTry(t *testing.T) {
	name := os.Getenv("TRY")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Load([]Source{{name, text}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !f.IsDeferral() {
		err := explore.Widening(f.Widen, func() error {
			p, err := f.Program()
			if err != nil {
				return err
			}
			r, err := explore.Run(gocontext.Background(), p, nil, explore.Options{})
			if err == nil {
				fmt.Println(r.States, r.Transitions, r.Properties, r.Claims)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	d := f.Design()
	want, _ := models.Find(f.Name())
	for _, n := range append(models.Matrix(), models.Endless()...) {
		for _, d := range []models.Design{d, want} {
			err := explore.Widening(d.Widen, func() error {
				p, err := d.Program(n.Config)
				if err != nil {
					return err
				}
				ms := props.Default(p)
				r, err := explore.Run(gocontext.Background(), p, ms, explore.Options{})
				if err == nil {
					fmt.Println(n.Key, r.States, r.Transitions, r.Search.Order)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}
