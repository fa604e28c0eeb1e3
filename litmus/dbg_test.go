package litmus_test

import (
	"context"
	"ctcheck/explore"
	"ctcheck/litmus"
	"ctcheck/model"
	"fmt"
	"os"
	"testing"
)

func TestDbg(t *testing.T) {
	src, _ := os.ReadFile(os.Getenv("F"))
	test, err := litmus.Parse(os.Getenv("F"), src)
	if err != nil {
		t.Fatal(err)
	}
	p, err := test.Program()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range p.Model.Vars {
		fmt.Println(v.Name, v.Range)
	}
	var show func(in string, l []*model.Stmt)
	show = func(in string, l []*model.Stmt) {
		for _, s := range l {
			fmt.Printf("%s%v op=%v var=%v dst=%v arg=%v cond=%v %s:%d %q\n", in, s.Kind, s.Op, name(s.Var), name(s.Dst), s.Arg, s.Cond, s.File, s.Line, s.Label)
			show(in+"  ", s.Body)
			if s.Else != nil {
				fmt.Println(in + "else")
				show(in+"  ", s.Else)
			}
			for _, a := range s.Alts {
				fmt.Println(in + "alt")
				show(in+"  ", a.Body)
			}
		}
	}
	for _, c := range p.Model.CPUs {
		fmt.Println(c.Name)
		for _, v := range c.Main.Locals {
			fmt.Println("  local", v.Name, v.Range)
		}
		show("  ", c.Main.Body)
	}
	for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
		fs, err := explore.Finals(context.Background(), mm, p.Model, p.Vars...)
		fmt.Println(mm, err)
		for _, f := range fs {
			fmt.Println("  ", p.Format(p.State(f)), p.Satisfies(p.State(f)))
		}
	}
}
func name(v *model.Var) string {
	if v == nil {
		return "-"
	}
	return v.Name
}
