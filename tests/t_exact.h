// Two functions in assembly that begin as compilers have them begin under -fsplit-stack, so that frames can be had that end at any byte.
#ifndef T_EXACT_H
#define T_EXACT_H

#include "t_split.h"

// Its frame reaches from the stack pointer down to `low`: 1 comes back.
int t_frameto(uintptr_t low);
// It has a small frame, and the stack pointer is `low` when it begins: 1 comes back.
int t_smallat(uintptr_t low);

__asm__("	.text\n"
	"	.type t_frameto, @function\n"
	"t_frameto: .cfi_startproc\n"
	"	movq %rsp, %r10\n"
	"	subq %rdi, %r10\n"
	"	xorl %r11d, %r11d\n"
	"	call __morestack\n"
	"	ret\n"
	"	movl $1, %eax\n"
	"	ret\n"
	"	.cfi_endproc\n"
	"	.size t_frameto, . - t_frameto\n"
	"	.type small, @function\n"
	"small:	.cfi_startproc\n"
	"	movl $255, %r10d\n"
	"	xorl %r11d, %r11d\n"
	"	call __morestack\n"
	"	ret\n"
	"	movl $1, %eax\n"
	"	ret\n"
	"	.cfi_endproc\n"
	"	.size small, . - small\n"
	"	.type t_smallat, @function\n"
	"t_smallat: .cfi_startproc\n"
	"	pushq %rbx\n"
	"	.cfi_def_cfa_offset 16\n"
	"	.cfi_offset rbx, -16\n"
	"	movq %rsp, %rbx\n"
	"	.cfi_def_cfa_register rbx\n"
	"	leaq 8(%rdi), %rsp\n"
	"	call small\n"
	"	movq %rbx, %rsp\n"
	"	.cfi_def_cfa_register rsp\n"
	"	popq %rbx\n"
	"	.cfi_def_cfa_offset 8\n"
	"	ret\n"
	"	.cfi_endproc\n"
	"	.size t_smallat, . - t_smallat\n");

#endif
