// What code compiled with -fsplit-stack calls. Its functions begin with a look at the limit in the thread's control block:
//
//	cmpq	%fs:0x70, %rsp          or  leaq -FRAME(%rsp), %r11; cmpq %fs:0x70, %r11   (256 bytes and more)
//	jb	slow                    clang: jbe
// body:
//	...
// slow:	movq	%r10, %rax              only if r10 is its static chain
//	movl	$FRAME, %r10d
//	movl	$ARGS, %r11d            stack arguments: for who copies them to another stack
//	call	__morestack
//	ret                             of no use here
//	movq	%rax, %r10              with endbr64 in front under gcc's -fcf-protection, int3 under clang's -mharden-sls
//	leaq	24(%rbp), %r11          only in gcc's variadic functions: libgcc's rbp leads to the stack arguments
//	jmp	body
//
// 1. The body runs on the same stack, as if nothing had been called: it is entered behind the ret, with the stack pointer that the
//    function began with, and every register that may hold an argument. So also rbp; then the lea gives nonsense, and is done here.
// 2. What is called (newstack) is C, and may let others run: all vector state is kept (xsave), not only arguments, as
//    compilers have calling conventions of their own. It goes onto the goroutine's stack: STACK_RED is room for it.
// 3. Frame information is right at every instruction: a trace comes to the function that called, at its first line.
//
// The names that compilers use are in morestack.S, a member of its own in the archive.

#if defined(__x86_64__)

#define LIMIT %fs:0x70
#define LEA_RBP 0x185d8d4c              // leaq 24(%rbp), %r11
#define MOV_R10 0xc28949                // movq %rax, %r10
#define ENDBR64 0xfa1e0ff3
#define XMASK 0xe6                      // SSE, AVX, AVX-512; x87 is empty at a call, the rest is no business of C's
#define XSIZE 2752                      // of these, in the standard format, and 64 for the alignment
#define OUTGOING 1024                   // see garn_morestack_alloca

#define FUNC(name) .globl name; .hidden name; .type name, @function; .p2align 4; name: .cfi_startproc; endbr64
#define END(name) .cfi_endproc; .size name, . - name

	.hidden	arch_up
	.text

// r10: the function's frame; 0(%rsp): the address of its ret; 8(%rsp): its own return address.
FUNC(garn_morestack)
more:	pushq	%rbp
	.cfi_def_cfa_offset 16
	.cfi_offset rbp, -16
	movq	%rsp, %rbp
	.cfi_def_cfa_register rbp
	pushq	%rax
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	pushq	%r8
	pushq	%r9
	subq	$XSIZE, %rsp
	andq	$-64, %rsp
	cmpb	$0, havexsave(%rip)
	je	5f
1:	js	3f
	movl	$XMASK, %eax
	xorl	%edx, %edx
	movq	%rdx, 512(%rsp)         // the header: xsave leaves alone what xrstor wants to be zero
	movq	%rdx, 520(%rsp)
	movq	%rdx, 528(%rsp)
	movq	%rdx, 536(%rsp)
	movq	%rdx, 544(%rsp)
	movq	%rdx, 552(%rsp)
	movq	%rdx, 560(%rsp)
	movq	%rdx, 568(%rsp)
	xsave64	(%rsp)
	leaq	16(%rbp), %rdi
	movq	%r10, %rsi
	leaq	arch_up(%rip), %rax
	call	*24(%rax)               // arch_up.newstack(sp at its entry, frame)
	movl	$XMASK, %eax
	xorl	%edx, %edx
	xrstor64 (%rsp)
2:	leaq	-56(%rbp), %rsp
	popq	%r9
	popq	%r8
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
	popq	%rax
	.cfi_remember_state
	popq	%rbp
	.cfi_def_cfa rsp, 8
	.cfi_restore rbp
	jmp	resume
3:	.cfi_restore_state
	fxsave64 (%rsp)                 // a CPU, or a Valgrind, without AVX
	leaq	16(%rbp), %rdi
	movq	%r10, %rsi
	leaq	arch_up(%rip), %rax
	call	*24(%rax)
	fxrstor64 (%rsp)
	jmp	2b
5:	movq	%rbx, %rdi              // the first time: has the system xsave? 1 yes, -1 no
	movl	$1, %eax
	xorl	%ecx, %ecx
	cpuid
	movq	%rdi, %rbx
	shrl	$26, %ecx
	andl	$2, %ecx
	decl	%ecx
	movb	%cl, havexsave(%rip)
	testb	%cl, %cl
	jmp	1b
END(garn_morestack)

// Into the body. 0(%rsp): the address of the ret; r10 and r11 are free.
	.type	resume, @function
resume:	.cfi_startproc
	movq	(%rsp), %r11
	incq	%r11
	cmpb	$0xcc, (%r11)
	je	5f
1:	cmpl	$ENDBR64, (%r11)
	je	6f
2:	movq	%r11, (%rsp)
	movl	(%r11), %r11d
	cmpl	$LEA_RBP, %r11d
	je	4f
	andl	$0xffffff, %r11d
	cmpl	$MOV_R10, %r11d
	jne	3f
	movq	(%rsp), %r11
	cmpl	$LEA_RBP, 3(%r11)
	jne	3f
	movq	%rax, %r10
	addq	$3, (%rsp)
	jmp	4f
3:	ret
4:	addq	$4, (%rsp)
	leaq	16(%rsp), %r11          // the stack arguments
	ret
5:	incq	%r11
	jmp	1b
6:	addq	$4, %r11
	jmp	2b
END(resume)

// gold and lld have functions that call into code compiled without -fsplit-stack call this one, most of them at every entry. Such
// code is nothing special here: below it is the guard.
FUNC(garn_morestack_non_split)
	leaq	8(%rsp), %r11
	subq	%r10, %r11
	jb	more
	cmpq	LIMIT, %r11
	jbe	more
	jmp	resume
END(garn_morestack_non_split)

// r10: frame, and the arguments' size in its upper half; called with the address in r11.
FUNC(garn_morestack_large_model)
	movl	%r10d, %r10d
	jmp	more
END(garn_morestack_large_model)

// void *__morestack_allocate_stack_space(size_t n): the caller wants an alloca that would go below the limit, for a block from elsewhere;
// it gets one from where the alloca would have been, by lowering the stack pointer under the caller, who finds its frame by another
// register, as in all functions with an alloca. Below the block: room for the outgoing arguments of the caller's calls,
// where a compiler has them at the stack pointer (-maccumulate-outgoing-args).
FUNC(garn_morestack_alloca)
	pushq	%rbx
	.cfi_def_cfa_offset 16
	.cfi_offset rbx, -16
	movq	%rdi, %rbx
	movq	%rdi, %rsi
	leaq	16(%rsp), %rdi
	leaq	arch_up(%rip), %rax
	call	*24(%rax)               // arch_up.newstack(the caller's sp, n)
	leaq	15(%rbx), %rdx
	andq	$-16, %rdx
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore rbx
	popq	%rcx
	.cfi_adjust_cfa_offset -8
	.cfi_register rip, rcx
	movq	%rsp, %rsi
	.cfi_def_cfa rsi, 0
	movq	%rsp, %rax
	subq	%rdx, %rax              // the block
	leaq	-OUTGOING(%rax), %rsp
	notrack jmp *%rcx
END(garn_morestack_alloca)

	.local	havexsave
	.comm	havexsave, 1, 1

#endif

	.section .note.GNU-stack, "", @progbits
#if defined(__x86_64__)
	// Ready for indirect branch tracking, not for shadow stacks: return addresses are moved.
	.section .note.gnu.property, "a"
	.p2align 3
	.long	4, 16, 5
	.asciz	"GNU"
	.long	0xc0000002, 4, 1, 0
#endif
