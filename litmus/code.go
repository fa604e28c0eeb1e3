package litmus

// Op is the operator of an expression.
type Op uint8

// The operators, with C's meaning. All but the first three work on values.
const (
	OpInt   Op = iota // K
	OpReg             // the value of the register Name
	OpAddr            // the address of the location Name
	OpNeg             // -A
	OpNot             // !A
	OpCompl           // ~A
	OpAdd
	OpSub
	OpMul
	OpDiv
	OpMod
	OpAnd
	OpOr
	OpXor
	OpShl
	OpShr
	OpEq
	OpNe
	OpLt
	OpLe
	OpBoth   // A && B; neither has an access in it
	OpEither // A || B
	OpIf     // A ? B : C
)

// An Expr is an expression without an access to memory: over registers, integers and addresses.
type Expr struct {
	Op Op
	Pos
	K       int64
	Name    string
	A, B, C *Expr
}

// StmtKind tells the statements apart.
type StmtKind uint8

// The statements.
const (
	Assign StmtKind = iota // Dst = Value
	Do                     // Dst = Prim(Addr, Args...)
	If                     // Body where Cond is not 0, else Else
	Loop                   // Body for ever; Break leaves it
	Once                   // Body once; Break leaves it
	Break                  // leaves the innermost Loop or Once
)

// A Stmt is one statement of a thread. What C writes as one is several of these where it has more than one access;
// registers whose names begin with a dot hold what is in between.
type Stmt struct {
	Kind StmtKind
	Pos
	Label string // the source of the whole statement
	Dst   string // the register that takes the result; empty for none
	Value *Expr
	Cond  *Expr
	Body  []*Stmt
	Else  []*Stmt

	Prim *Primitive
	Addr *Expr // the location; nil where the primitive has none
	// Args is the operands: the value to store or to combine with, before it the value that is compared with.
	Args []*Expr
	// Refresh is the register that takes the value found by a try_cmpxchg that fails.
	Refresh string
}

func intExpr(at Pos, k int64) *Expr           { return &Expr{Op: OpInt, Pos: at, K: k} }
func regExpr(at Pos, name string) *Expr       { return &Expr{Op: OpReg, Pos: at, Name: name} }
func addrExpr(at Pos, name string) *Expr      { return &Expr{Op: OpAddr, Pos: at, Name: name} }
func binExpr(at Pos, op Op, a, b *Expr) *Expr { return &Expr{Op: op, Pos: at, A: a, B: b} }

// eachStmt calls f for every statement of a list and inside it.
func eachStmt(list []*Stmt, f func(*Stmt)) {
	for _, s := range list {
		f(s)
		eachStmt(s.Body, f)
		eachStmt(s.Else, f)
	}
}

// each calls f for an expression and those in it.
func (e *Expr) each(f func(*Expr)) {
	if e != nil {
		f(e)
		e.A.each(f)
		e.B.each(f)
		e.C.each(f)
	}
}

// exprs is the expressions of a statement, without those of statements inside it.
func (s *Stmt) exprs() []*Expr {
	es := append([]*Expr{s.Value, s.Cond, s.Addr}, s.Args...)
	n := 0
	for _, e := range es {
		if e != nil {
			es[n] = e
			n++
		}
	}
	return es[:n]
}
