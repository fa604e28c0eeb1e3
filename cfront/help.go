package cfront

import _ "embed"

//go:embed help.txt
var help string

// Help says what of C is understood, what is not, and what <ctcheck.h> has, for the command line.
func Help() string { return help }
