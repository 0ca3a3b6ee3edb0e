/* From an address to a function, a file and a line.
 *
 * Owns: the state of libbacktrace, which reads the debug information of the program and of the shared objects
 * loaded when it is first asked.
 *
 *  1. In order: debug information (with inlined calls), the symbol table, the name of the mapped file.
 *  2. Nothing here mallocs: libbacktrace's memory comes from mmap, and what it learned is kept.
 *  3. A frame is ours when it lies in the library's code: the library is one object, in which the link puts all
 *     code between two symbols (tools/garn.ld), whoever links it afterwards and how. The header's functions are ours too,
 *     wherever they were inlined.
 *
 * Without libbacktrace (GARN_NO_BACKTRACE) only files and offsets are left, for addr2line. */
#include "debug/debug.h"
#include <elf.h>
#include <link.h>
#include <string.h>
#include <unistd.h>
#ifndef GARN_NO_BACKTRACE
#include <backtrace.h>
#endif

static char exepath[256];

struct module {
	uintptr_t pc;
	const char *name;
	uintptr_t offset;
};

/* For dl_iterate_phdr: stops at the object that has m->pc. */
static int findmodule(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct module *m = arg;
	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
		if (ph->p_type == PT_LOAD && m->pc - info->dlpi_addr - ph->p_vaddr < ph->p_memsz) {
			m->name = info->dlpi_name && info->dlpi_name[0] ? info->dlpi_name : exepath;
			m->offset = m->pc - info->dlpi_addr;
			return 1;
		}
	}
	return 0;
}

#ifndef GARN_NO_BACKTRACE
static struct backtrace_state *state;

struct lines {
	struct frame *f;
	int n;
};

static void noerror(void *data, const char *msg, int errnum)
{
	(void)data;
	(void)msg;
	(void)errnum;
}

/* One call at the address asked for, innermost first. */
static int addline(void *data, uintptr_t pc, const char *file, int line, const char *func)
{
	struct lines *l = data;
	(void)pc;
	if (!file && !func)
		return 0;
	l->f[l->n].file = file;
	l->f[l->n].line = line;
	l->f[l->n].func = func;
	return ++l->n == INLINE_MAX;
}

/* The symbol: names the outermost of the calls when debug information did not, and says where it begins. */
static void addsymbol(void *data, uintptr_t pc, const char *name, uintptr_t value, uintptr_t size)
{
	struct frame *f = data;
	(void)pc;
	(void)size;
	if (!name)
		return;
	f->entry = value;
	if (!f->func)
		f->func = name;
}

static int lookup(uintptr_t pc, struct frame *f)
{
	struct lines l = { f, 0 };
	if (!state)
		return 1;
	backtrace_pcinfo(state, pc, addline, noerror, &l);
	if (l.n == 0)
		l.n = 1;
	backtrace_syminfo(state, pc, addsymbol, noerror, &f[l.n - 1]);
	return l.n;
}
#else
static int lookup(uintptr_t pc, struct frame *f)
{
	(void)pc;
	(void)f;
	return 1;
}
#endif

bool ispublic(const struct frame *f)
{
	return f->func && strncmp(f->func, "garn_", 5) == 0;
}

/* The header's inline functions are the library's too, wherever it is installed. */
static bool isheader(const char *file)
{
	const char *base = strrchr(file, '/');
	base = base ? base + 1 : file;
	return strcmp(base, "garn.h") == 0 || strcmp(base, "garn_cxx.h") == 0;
}

/* tools/garn.ld puts these around the code of the library. */
extern const char ourtext[] __attribute__((visibility("hidden")));
extern const char ourtext_end[] __attribute__((visibility("hidden")));

static bool isours(const struct frame *f)
{
	return (f->file && isheader(f->file)) || f->pc - (uintptr_t)ourtext < (uintptr_t)(ourtext_end - ourtext);
}

/* The first time only: most programs never come here. */
static void prepare(void)
{
	static bool done;
	if (done)
		return;
	done = true;
	ssize_t n = readlink("/proc/self/exe", exepath, sizeof(exepath) - 1);
	exepath[n > 0 ? n : 0] = '\0';
#ifndef GARN_NO_BACKTRACE
	state = backtrace_create_state(NULL, 1, noerror, NULL);
#endif
}

int symbolize(uintptr_t pc, struct frame f[INLINE_MAX])
{
	struct module m = { pc, "", 0 };
	prepare();
	memset(f, 0, sizeof(f[0]) * INLINE_MAX);
	int n = lookup(pc, f);
	dl_iterate_phdr(findmodule, &m);
	for (int i = 0; i < n; i++) {
		f[i].pc = pc;
		f[i].module = m.name;
		f[i].offset = m.offset;
		f[i].ours = isours(&f[i]);
	}
	return n;
}
