// The names by which compilers call split.S. In the archive this is a member of its own, taken by programs that have code compiled
// with -fsplit-stack, and by no others: there libgcc's, which has members of these names, is never touched.
//
// libgarn.so has none of it: a call through the linker's tables may run the dynamic linker, which does not keep r10 and r11.

#if defined(__x86_64__)
	.text
	.irp	name, __morestack, __morestack_non_split, __morestack_large_model, __morestack_allocate_stack_space
	.globl	\name
	.hidden	\name
	.type	\name, @function
	.endr

	.p2align 4
__morestack:
	.cfi_startproc
	endbr64
	jmp	garn_morestack
	.cfi_endproc
	.size	__morestack, . - __morestack
	.p2align 4
__morestack_non_split:
	.cfi_startproc
	endbr64
	jmp	garn_morestack_non_split
	.cfi_endproc
	.size	__morestack_non_split, . - __morestack_non_split
	.p2align 4
__morestack_large_model:
	.cfi_startproc
	endbr64
	jmp	garn_morestack_large_model
	.cfi_endproc
	.size	__morestack_large_model, . - __morestack_large_model
	.p2align 4
__morestack_allocate_stack_space:
	.cfi_startproc
	endbr64
	jmp	garn_morestack_alloca
	.cfi_endproc
	.size	__morestack_allocate_stack_space, . - __morestack_allocate_stack_space
#endif

	.section .note.GNU-stack, "", @progbits
#if defined(__x86_64__)
	.section .note.gnu.property, "a"
	.p2align 3
	.long	4, 16, 5
	.asciz	"GNU"
	.long	0xc0000002, 4, 1, 0
#endif
