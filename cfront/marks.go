package cfront

import (
	"strings"

	"modernc.org/cc/v4"
)

// This file has the attributes by which a declaration says what C cannot.

// marks is what the attributes of a variable or field say.
type marks struct {
	ranged bool // lo and hi are given
	lo, hi int64
	wraps  bool
	ghost  bool
	perCPU bool
}

// with is both.
func (m marks) with(o marks) marks {
	if o.ranged {
		m.ranged, m.lo, m.hi = true, o.lo, o.hi
	}
	m.wraps, m.ghost, m.perCPU = m.wraps || o.wraps, m.ghost || o.ghost, m.perCPU || o.perCPU
	return m
}

// marksOf reads attributes.
func (u *unit) marksOf(list *cc.AttributeSpecifierList) (m marks) {
	for ; list != nil; list = list.AttributeSpecifierList {
		for v := list.AttributeSpecifier.AttributeValueList; v != nil; v = v.AttributeValueList {
			u.mark(v.AttributeValue, &m)
		}
	}
	return m
}

func (u *unit) mark(v *cc.AttributeValue, m *marks) {
	var args []int64
	for l := v.ArgumentExpressionList; l != nil; l = l.ArgumentExpressionList {
		if l.AssignmentExpression != nil {
			k, _ := constantOf(l.AssignmentExpression)
			args = append(args, k)
		}
	}
	switch name := v.Token.SrcStr(); {
	case name == "ct_ghost":
		m.ghost = true
	case name == "ct_percpu":
		m.perCPU = true
	case name == "ct_wraps":
		m.wraps = true
	case name == "ct_bits" && len(args) == 1 && args[0] >= 1 && args[0] <= 32:
		m.ranged, m.lo, m.hi = true, 0, 1<<args[0]-1
	case name == "ct_range" && len(args) == 2 && args[0] <= args[1] && args[1]-args[0] < 1<<32:
		m.ranged, m.lo, m.hi = true, args[0], args[1]
	case strings.HasPrefix(name, "ct_"):
		u.fail(v, "__%s: bits are 1 to 32, and a range goes from a value to one that is not less, both constant, "+
			"in at most 32 bits", name)
	}
}

// marksOfSpecifiers reads the attributes before the declarators of a declaration.
func (u *unit) marksOfSpecifiers(ds *cc.DeclarationSpecifiers) (m marks) {
	for ; ds != nil; ds = ds.DeclarationSpecifiers {
		m = m.with(u.marksOf(ds.AttributeSpecifierList))
	}
	return m
}

// marksOfDeclarator reads those of one declarator of a declaration.
func (u *unit) marksOfDeclarator(l *cc.InitDeclaratorList) marks {
	return u.marksOf(l.AttributeSpecifierList).with(u.marksOf(l.InitDeclarator.AttributeSpecifierList))
}

// marksOfFields is the marks of the fields of a struct or union, by the place of their declarators: the parser does
// not keep those with the types.
func (u *unit) marksOfFields() map[*cc.Declarator]marks {
	all := map[*cc.Declarator]marks{}
	visit(u.ast.TranslationUnit, func(n cc.Node) bool {
		s, ok := n.(*cc.StructDeclaration)
		if !ok {
			return true
		}
		m := u.marksOf(s.AttributeSpecifierList)
		for q := s.SpecifierQualifierList; q != nil; q = q.SpecifierQualifierList {
			m = m.with(u.marksOf(q.AttributeSpecifierList))
		}
		for l := s.StructDeclaratorList; l != nil; l = l.StructDeclaratorList {
			if d := l.StructDeclarator.Declarator; d != nil && m != (marks{}) {
				all[d] = m
			}
		}
		return true
	})
	return all
}
