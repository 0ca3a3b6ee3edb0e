// The switches on x86-64. See arch.h for the contract, HACKING.md for why each is as it is.
//
// The saved context (struct switchframe), from sp upward:
//   0 mxcsr, 4 x87 control word, 8 r15, 16 r14, 24 r13, 32 r12, 40 rbx, 48 rbp, 56 pc.
// Frame information (.cfi) is right at every instruction, so that debuggers and unwinders walk from a
// parked goroutine's pc, from g0 through systemstack, and stop at goexit.

#if defined(__x86_64__)

#define G_SP 0
#define G_PC 8
#define G_LIMIT 16
#define G_MXCSR 24
#define G_FPCW 28
#define G_M 32
#define M_G0 0
#define M_CURG 8
#define LIMIT %fs:0x70          // glibc's place for the limit of split stacks: see split.S

#define FUNC(name) .globl name; .hidden name; .type name, @function; .p2align 4; name: .cfi_startproc; endbr64
#define PUBLIC(name) .globl name; .type name, @function; .p2align 4; name: .cfi_startproc; endbr64
#define END(name) .cfi_endproc; .size name, . - name

	.hidden	arch_up
	.hidden	garn_g
	.text

// void mcall(void (*fn)(struct g *))
FUNC(mcall)
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbp, 0
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbx, 0
	pushq	%r12
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r12, 0
	pushq	%r13
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r13, 0
	pushq	%r14
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r14, 0
	pushq	%r15
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r15, 0
	subq	$8, %rsp
	.cfi_adjust_cfa_offset 8
	stmxcsr	(%rsp)
	fnstcw	4(%rsp)
	movq	garn_g@gottpoff(%rip), %rcx
	movq	%fs:(%rcx), %rax        // gp
	movq	%rsp, G_SP(%rax)
	movq	G_M(%rax), %rdx
	movq	M_G0(%rdx), %rsi
	movl	(%rsp), %edx            // what this thread's control words are now: g0 remembers
	movl	%edx, G_MXCSR(%rsi)
	movzwl	4(%rsp), %edx
	movl	%edx, G_FPCW(%rsi)
	movq	%rsi, %fs:(%rcx)        // getg() is g0 from here
	movq	%rdi, %rdx
	movq	%rax, %rdi
	movq	G_SP(%rsi), %rsp
	.cfi_def_cfa rsp, 8
	.cfi_undefined rip              // g0 starts here: an unwinder stops
	xorl	%ebp, %ebp
	jmp	*%rdx                   // at the word gosave left: fn finds a stack as after a call
END(mcall)

// void gogo(struct g *gp)
FUNC(gogo)
	movq	garn_g@gottpoff(%rip), %rcx
	movq	%fs:(%rcx), %rsi        // g0
	movl	G_MXCSR(%rsi), %edx
	movl	G_FPCW(%rsi), %r8d
	movq	%rdi, %fs:(%rcx)
	movq	G_LIMIT(%rdi), %rsi
	movq	%rsi, LIMIT
	movq	G_SP(%rdi), %rsp
	.cfi_def_cfa rsp, 64
	.cfi_offset rip, -8
	.cfi_offset rbp, -16
	.cfi_offset rbx, -24
	.cfi_offset r12, -32
	.cfi_offset r13, -40
	.cfi_offset r14, -48
	.cfi_offset r15, -56
	xorl	(%rsp), %edx            // status bits may differ: only control bits are kept by calls
	xorw	4(%rsp), %r8w
	andl	$0xffc0, %edx
	movzwl	%r8w, %r8d
	orl	%r8d, %edx
	jnz	2f
1:	movq	8(%rsp), %r15
	movq	16(%rsp), %r14
	movq	24(%rsp), %r13
	movq	32(%rsp), %r12
	movq	40(%rsp), %rbx
	movq	48(%rsp), %rbp
	addq	$56, %rsp
	.cfi_def_cfa rsp, 8
	ret                             // mcall was called from the same place as the last g's, most often: a right guess
	.cfi_def_cfa rsp, 64
	.cfi_offset rip, -8
2:	ldmxcsr	(%rsp)
	fldcw	4(%rsp)
	jmp	1b
END(gogo)

// void systemstack(void (*fn)(void *), void *arg)
// Marked as a signal frame: gdb stops at a caller whose stack lies lower than its callee's, unless it is one of those.
FUNC(systemstack)
	.cfi_signal_frame
	movq	garn_g@gottpoff(%rip), %rcx
	movq	%fs:(%rcx), %rax
	movq	%rdi, %rdx
	movq	%rsi, %rdi
	testq	%rax, %rax
	jz	1f                      // a thread that has no g yet
	movq	G_M(%rax), %rsi
	movq	M_G0(%rsi), %rsi
	cmpq	%rsi, %rax
	je	1f                      // on g0 already, or foreign, which is its own g0
	pushq	%rbp
	.cfi_def_cfa_offset 16
	.cfi_offset rbp, -16
	movq	%rsp, %rbp
	.cfi_def_cfa_register rbp
	movq	%rsi, %fs:(%rcx)
	movq	$0, LIMIT
	movq	G_SP(%rsi), %rsp
	addq	$8, %rsp                // above gosave's word the stack is aligned for a call
	call	*%rdx
	movq	garn_g@gottpoff(%rip), %rcx
	movq	%fs:(%rcx), %rax        // g0
	movq	G_M(%rax), %rax
	movq	M_CURG(%rax), %rax
	movq	%rax, %fs:(%rcx)
	movq	G_LIMIT(%rax), %rcx
	movq	%rcx, LIMIT
	movq	%rbp, %rsp
	popq	%rbp
	.cfi_def_cfa rsp, 8
	.cfi_restore rbp
	ret
1:	jmp	*%rdx
END(systemstack)

// void gosave(struct gobuf *buf)
// The stack pointer kept is as before the call, less a word of room: what a function called there finds.
FUNC(gosave)
	leaq	8(%rsp), %rax
	andq	$-16, %rax
	subq	$4096, %rax             // the caller's own frame lives on above
	movq	$0, -8(%rax)            // a return address for mcall's fn: none
	subq	$8, %rax
	movq	%rax, G_SP(%rdi)
	movq	(%rsp), %rax
	movq	%rax, G_PC(%rdi)
	stmxcsr	G_MXCSR(%rdi)
	movl	$0, G_FPCW(%rdi)
	fnstcw	G_FPCW(%rdi)
	ret
END(gosave)

// void unwind_on(struct g *gp, void (*fn)(void *), void *arg)
// fn runs on the caller's own stack; only the frame information says that gp's saved context called it (through rbx,
// which fn keeps). So nothing of gp's stack is written, and gp may even run on meanwhile.
FUNC(unwind_on)
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbx, 0
	movq	G_SP(%rdi), %rbx
	movq	%rdx, %rdi
	.cfi_remember_state
	.cfi_def_cfa rbx, 64
	.cfi_offset rip, -8
	.cfi_offset rbp, -16
	.cfi_offset rbx, -24
	.cfi_offset r12, -32
	.cfi_offset r13, -40
	.cfi_offset r14, -48
	.cfi_offset r15, -56
	call	*%rsi
	.cfi_restore_state
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore rbx
	ret
END(unwind_on)

// void gostart(struct g *gp, struct spawnframe *fr)
// void gostart_regs(struct g *gp, struct spawncall *call)
// Entered from g0, as gogo is. The goroutine's stack holds the return address goexit + 1 and the stack arguments.
.macro GOSTART name, vectors
FUNC(\name)
	movq	garn_g@gottpoff(%rip), %rcx
	movq	%fs:(%rcx), %rdx        // g0
	movq	%rdi, %fs:(%rcx)
	movq	G_LIMIT(%rdi), %rax
	movq	%rax, LIMIT
	movq	G_SP(%rdi), %rsp
	movl	(%rsi), %eax
	movl	4(%rsi), %ecx
	xorl	G_MXCSR(%rdx), %eax
	xorl	G_FPCW(%rdx), %ecx
	andl	$0xffc0, %eax
	movzwl	%cx, %ecx
	orl	%ecx, %eax
	jnz	2f
1:	cmpq	$0, 16+arch_up(%rip)    // arch_up.started
	jne	3f
4:	movq	%rsi, %r11
	movq	8(%r11), %rax
	movq	16(%r11), %rdi
	movq	24(%r11), %rsi
	movq	32(%r11), %rdx
	movq	40(%r11), %rcx
	movq	48(%r11), %r8
	movq	56(%r11), %r9
	movq	64(%r11), %r10
.if \vectors
	movups	80(%r11), %xmm0
	movups	96(%r11), %xmm1
	movups	112(%r11), %xmm2
	movups	128(%r11), %xmm3
	movups	144(%r11), %xmm4
	movups	160(%r11), %xmm5
	movups	176(%r11), %xmm6
	movups	192(%r11), %xmm7
.endif
	xorl	%ebp, %ebp
	notrack jmp *%r10
2:	ldmxcsr	(%rsi)
	fldcw	4(%rsi)
	jmp	1b
3:	pushq	%rsi                    // a sanitizer wants to hear of it on the new stack
	.cfi_adjust_cfa_offset 8
	call	*16+arch_up(%rip)
	popq	%rsi
	.cfi_adjust_cfa_offset -8
	jmp	4b
END(\name)
.endm
GOSTART gostart, 1
GOSTART gostart_regs, 0

// Every goroutine's outermost frame. The return address is goexit + 1, behind a nop, so that an unwinder, which
// looks one byte lower, finds this function; there is nothing above.
	.globl	goexit
	.hidden	goexit
	.type	goexit, @function
	.p2align 4
goexit:	.cfi_startproc
	.cfi_undefined rip
	nop
	emms                            // a long double result would be left on the x87 stack
	cld
	leaq	arch_up(%rip), %rax
	call	*(%rax)                 // arch_up.goexit1
	ud2
END(goexit)

// The stubs of `go`: entered by a call with fn's own prototype, fn in r10. They save every register an argument
// can be in, and have newproc copy the frame, with the stack arguments above it, to a new goroutine. _regs is for
// calls with all arguments in integer registers. In r11 goes what newproc is told (SPAWN_WITH, SPAWN_REGS and a size: arch.h).
.macro SPAWNFRAME
	subq	$216, %rsp
	.cfi_adjust_cfa_offset 216
	stmxcsr	(%rsp)
	movl	$0, 4(%rsp)
	fnstcw	4(%rsp)
	movq	%rax, 8(%rsp)
	movq	%rdi, 16(%rsp)
	movq	%rsi, 24(%rsp)
	movq	%rdx, 32(%rsp)
	movq	%rcx, 40(%rsp)
	movq	%r8, 48(%rsp)
	movq	%r9, 56(%rsp)
	movq	%r10, 64(%rsp)
.endm
.macro STUB name, kind, to
FUNC(\name)
	movl	$\kind, %r11d
	jmp	\to
END(\name)
.endm
STUB garn_spawn_128, 128, spawn
STUB garn_spawn_1024, 1024, spawn
STUB garn_spawn_with_128, 0x1000 + 128, spawn
STUB garn_spawn_with_256, 0x1000 + 256, spawn
STUB garn_spawn_with_1024, 0x1000 + 1024, spawn
STUB garn_spawn_with_regs, 0x3000, regs
FUNC(garn_spawn_256)
	movl	$256, %r11d
spawn:
	SPAWNFRAME
	movups	%xmm0, 80(%rsp)
	movups	%xmm1, 96(%rsp)
	movups	%xmm2, 112(%rsp)
	movups	%xmm3, 128(%rsp)
	movups	%xmm4, 144(%rsp)
	movups	%xmm5, 160(%rsp)
	movups	%xmm6, 176(%rsp)
	movups	%xmm7, 192(%rsp)
spawned:
	movq	%rsp, %rdi
	movl	%r11d, %esi
	leaq	arch_up(%rip), %rax
	call	*8(%rax)                // arch_up.newproc
	addq	$216, %rsp
	.cfi_adjust_cfa_offset -216
	ret
END(garn_spawn_256)
FUNC(garn_spawn_regs)
	movl	$0x2000, %r11d
regs:
	SPAWNFRAME
	jmp	spawned
END(garn_spawn_regs)

	.section .data.rel.ro.garn_spawn_stubs, "aw", @progbits
	.globl	garn_spawn_stubs
	.type	garn_spawn_stubs, @object
	.size	garn_spawn_stubs, 64
	.p2align 3
garn_spawn_stubs:
	.quad	garn_spawn_regs, garn_spawn_128, garn_spawn_256, garn_spawn_1024
	.quad	garn_spawn_with_regs, garn_spawn_with_128, garn_spawn_with_256, garn_spawn_with_1024

#endif

	.section .note.GNU-stack, "", @progbits
#if defined(__x86_64__)
	// These functions are ready for indirect branch tracking (IBT), not for shadow stacks.
	.section .note.gnu.property, "a"
	.p2align 3
	.long	4, 16, 5
	.asciz	"GNU"
	.long	0xc0000002, 4, 1, 0
#endif
