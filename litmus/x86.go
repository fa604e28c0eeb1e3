package litmus

func (t *Test) codeX86(r *reader) {}

type x86reg struct{ name string }

func x86Register(at Pos, name string) x86reg { return x86reg{name} }
