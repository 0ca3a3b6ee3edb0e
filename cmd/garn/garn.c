// garn: compiles C with goroutines and runs it.
#include "tool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"garn: goroutines for C\n"
	"\n"
	"  garn run FILE.c... [FLAGS] [-- ARGS]     compile and run, leaving nothing behind\n"
	"  garn build [-o OUT] FILE.c... [FLAGS]    compile to OUT (default: the first file's name)\n"
	"  garn help                                this text\n"
	"  garn --version\n"
	"\n"
	"FLAGS are the compiler's and are passed on in their order, as are .o, .a and -l words.\n"
	"Before them stand -O2 -g -fstack-clash-protection -pthread, a flag that keeps complaints about\n"
	"macros short, and the folder of garn.h; after them the library, and main becomes goroutine 1.\n"
	"With -c, -S or -E nothing is linked; -shared makes a plug-in for a program that has the\n"
	"library itself (built with -rdynamic).\n"
	"-fsanitize=address, undefined or thread links the library built for it (in a checkout).\n"
	"-fsplit-stack has functions look at their stack's limit, and give turns to others: see garn(7).\n"
	"\n"
	"CC and CXX name the compilers (gcc, g++); files .cc .cpp .cxx are C++.\n"
	"run ends with the program's exit status, or the signal that killed it.\n"
	"\n"
	"The program's environment: GARN_MAXPROCS (processors), GARN_STACK (of a goroutine, 256K),\n"
	"GARN_TRACEBACK (none, single, all, system).\n";

void die(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("garn: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	temp_remove();
	exit(2);
}

char *format(const char *fmt, ...)
{
	char *s;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		abort();
	va_end(ap);
	return s;
}

void words_add(struct words *ws, const char *word)
{
	if (ws->n + 2 > ws->cap) {
		ws->cap = ws->cap * 2 + 16;
		ws->w = realloc(ws->w, ws->cap * sizeof *ws->w);
		if (ws->w == NULL)
			abort();
	}
	ws->w[ws->n++] = (char *)word;
	ws->w[ws->n] = NULL;
}

void words_split(struct words *ws, const char *text)
{
	while (*(text += strspn(text, " \t")) != '\0') {
		size_t n = strcspn(text, " \t");
		words_add(ws, format("%.*s", (int)n, text));
		text += n;
	}
}

// The first file's name without folder and suffix: dir/sieve.c -> sieve.
static char *program_name(const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *base = slash != NULL ? slash + 1 : file;
	const char *dot = strrchr(base, '.');

	if (dot == NULL || dot == base)
		return format("%s", "a.out");
	return format("%.*s", (int)(dot - base), base);
}

static int build_or_run(bool run, int argc, char **argv)
{
	struct job job = { .run = run };
	struct words cc = { 0 }, plain_cc = { 0 }, cmd = { 0 }, program = { 0 };
	struct place at;
	const char *out;
	int status;

	job_parse(&job, argc, argv);
	compiler_choose(&cc, job.cplusplus);
	split_check(&job, &cc);
	if (job.cplusplus && job.sanitizer != NULL)
		compiler_choose(&plain_cc, false); // the library is C
	else
		plain_cc = cc;
	char *cc_text = format("%s", plain_cc.w[0]);
	for (size_t i = 1; i < plain_cc.n; i++)
		cc_text = format("%s %s", cc_text, plain_cc.w[i]);
	place_find(&at, job.sanitizer, compiler_is_clang(&plain_cc), cc_text);

	out = job.out;
	if (run)
		out = format("%s/%s", temp_folder(), program_name(job.first));
	else if (out == NULL && job.link)
		out = program_name(job.first);
	job_command(&job, &cc, &at, out, &cmd);
	status = split_run(&job, &cc, cmd.w);
	if (status != 0 || !run)
		end_like(status);

	words_add(&program, out);
	for (char **a = job.program_args; a != NULL && *a != NULL; a++)
		words_add(&program, *a);
	end_like(run_child(program.w));
}

// How far two words are apart: letters to change, add or drop.
static size_t distance(const char *a, const char *b)
{
	size_t row[32], n = strlen(b);

	if (strlen(a) > 30 || n > 30)
		return 31;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[n];
}

static int unknown(const char *word)
{
	static const char *const commands[] = { "run", "build", "help", "version" };
	const char *dot = strrchr(word, '.');

	if (dot != NULL && (strcmp(dot, ".c") == 0 || strcmp(dot, ".cc") == 0 || strcmp(dot, ".cpp") == 0))
		die("unknown command %s; to run that file: garn run %s", word, word);
	for (size_t i = 0; i < 4; i++)
		if (distance(word, commands[i]) <= 2)
			die("unknown command %s; did you mean garn %s?", word, commands[i]);
	die("unknown command %s; garn help lists them", word);
}

static bool asks_for_help(const char *word)
{
	return strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";
	bool works = strcmp(command, "run") == 0 || strcmp(command, "build") == 0;

	if (argc < 2) {
		fputs(help, stderr);
		return 2;
	}
	if (asks_for_help(command) || (works && argc == 3 && asks_for_help(argv[2]))) {
		fputs(help, stdout);
		return 0;
	}
	if (works)
		return build_or_run(command[0] == 'r', argc - 2, argv + 2);
	if (strcmp(command, "--version") == 0 || strcmp(command, "version") == 0) {
		puts("garn " GARN_VERSION);
		return 0;
	}
	return unknown(command);
}
