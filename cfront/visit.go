package cfront

import (
	"reflect"
	"sync"

	"modernc.org/cc/v4"
)

// This file walks over the parser's tree, whose nodes are structs with exported fields for what is below them.

// fieldsOf is the fields of a type of node that lead to other nodes, found once.
var fieldsOf sync.Map // of reflect.Type to []int

var nodeType = reflect.TypeFor[cc.Node]()

func childFields(t reflect.Type) []int {
	if known, ok := fieldsOf.Load(t); ok {
		return known.([]int)
	}
	var is []int
	for i := range t.NumField() {
		f := t.Field(i)
		if f.IsExported() && f.Type != reflect.TypeFor[cc.Token]() && f.Type.Implements(nodeType) {
			is = append(is, i)
		}
	}
	fieldsOf.Store(t, is)
	return is
}

// visit calls f for a node and, as long as it says so, for those below it. The rest of a list is below its first
// element; it is visited in a loop, since lists are long.
func visit(n cc.Node, f func(cc.Node) bool) {
	for n != nil {
		v := reflect.ValueOf(n)
		if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct || !f(n) {
			return
		}
		v = v.Elem()
		var rest cc.Node
		for _, i := range childFields(v.Type()) {
			child := v.Field(i)
			if child.Kind() == reflect.Interface && child.IsNil() {
				continue
			}
			next := child.Interface().(cc.Node)
			if reflect.TypeOf(next) == reflect.TypeOf(n) && rest == nil {
				rest = next
				continue
			}
			visit(next, f)
		}
		n = rest
	}
}
