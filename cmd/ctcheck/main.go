// Command ctcheck decides what can go wrong in the published designs of deferred IPI work: it visits
// every interleaving of the CPUs, IPIs and NMIs of a configuration and prints, for each property that
// fails, a shortest run that shows it.
//
//	ctcheck -model valentin --nmi 1
//	ctcheck list
//	ctcheck matrix
//	ctcheck weaken -model valentin
//	ctcheck litmus tests/SB.litmus
//	ctcheck -model ct_work.c --setters 2 --nmi 1
//	ctcheck init mylock
//	ctcheck c-header include
//	ctcheck explore -model peterz
//	ctcheck findings > docs/findings.md
//	ctcheck version
//	ctcheck completion bash
//
// Package command is what it does, with the exit statuses.
package main

import "ctcheck/command"

func main() { command.Main(command.Own{}) }
