/* For ctcheck, which needs nothing of it. */
#ifndef _ASM_PTRACE_H
#define _ASM_PTRACE_H

struct pt_regs;

#endif
