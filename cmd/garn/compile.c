// From the user's words to the compiler's: everything is passed on in its order, with our own flags
// before it, where the user's later ones win, and the library after it.
#include "tool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// ---- compilers

bool program_exists(const char *name)
{
	const char *path = getenv("PATH");

	if (strchr(name, '/') != NULL)
		return access(name, X_OK) == 0;
	if (path == NULL)
		path = "/bin:/usr/bin";
	while (true) {
		size_t n = strcspn(path, ":");
		char *full = format("%.*s/%s", n > 0 ? (int)n : 1, n > 0 ? path : ".", name);
		struct stat st;
		bool found = access(full, X_OK) == 0 && stat(full, &st) == 0 && S_ISREG(st.st_mode);
		free(full);
		if (found)
			return true;
		if (path[n] == '\0')
			return false;
		path += n + 1;
	}
}

// gcc-12 -> g++-12, clang -> clang++, cc -> c++, with its folder and in whatever stands before it.
static char *cplusplus_name(const char *cc)
{
	static const char *const pairs[][2] = { { "clang", "clang++" }, { "gcc", "g++" }, { "cc", "c++" } };
	const char *slash = strrchr(cc, '/');
	const char *base = slash != NULL ? slash + 1 : cc;

	if (strstr(base, "++") != NULL)
		return format("%s", cc);
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		const char *at = strstr(base, pairs[i][0]);
		if (at != NULL)
			return format("%.*s%s%s", (int)(at - cc), cc, pairs[i][1], at + strlen(pairs[i][0]));
	}
	return format("%s", "c++");
}

static const char *setting(const char *name)
{
	const char *v = getenv(name);
	return v != NULL && v[strspn(v, " \t")] != '\0' ? v : NULL;
}

// The words of the compiler's name; which of them is the compiler itself matters only for C++, where
// the last word that is no flag is changed: ccache gcc -m64 -> ccache g++ -m64.
void compiler_choose(struct words *cc, bool cplusplus)
{
	const char *name = setting("CC");

	if (cplusplus && setting("CXX") != NULL) {
		words_split(cc, setting("CXX"));
		cplusplus = false;
	} else if (name != NULL) {
		words_split(cc, name);
	} else {
		static const char *const known[] = { "gcc", "clang", "cc" };
		for (size_t i = 0; i < 3 && cc->n == 0; i++)
			if (program_exists(known[i]))
				words_add(cc, known[i]);
		if (cc->n == 0)
			die("no C compiler found: neither gcc nor clang nor cc; install one, or set CC");
	}
	if (cplusplus) {
		size_t i = cc->n;
		while (i > 1 && cc->w[i - 1][0] == '-')
			i--;
		cc->w[i - 1] = cplusplus_name(cc->w[i - 1]);
	}
	for (size_t i = 0; i < cc->n && cc->w[i][0] != '-'; i++)
		if (!program_exists(cc->w[i]))
			die("compiler not found: %s", cc->w[i]);
}

static bool compiler_named(const struct words *cc, const char *name)
{
	for (size_t i = 0; i < cc->n; i++)
		if (cc->w[i][0] != '-' && strstr(cc->w[i], name) != NULL)
			return true;
	return false;
}

bool compiler_is_clang(const struct words *cc)
{
	return compiler_named(cc, "clang");
}

// A mistake in the arguments of go() is to be shown where the user made it, and not with the dozen macros of garn.h
// behind it. The two compilers have no flag for that in common; of others we do not know.
static const char *short_complaints(const struct words *cc)
{
	if (compiler_is_clang(cc))
		return "-fmacro-backtrace-limit=1";
	return compiler_named(cc, "gcc") || compiler_named(cc, "g++") ? "-ftrack-macro-expansion=0" : NULL;
}

// ---- the command line

// Options whose value is the next word, which is therefore no input file.
static bool takes_a_word(const char *opt)
{
	static const char *const list[] = {
		"-o", "-I", "-L", "-D", "-U", "-l", "-x", "-T", "-u", "-z", "-e", "-A", "-B", "-G",
		"-include", "-imacros", "-isystem", "-iquote", "-idirafter", "-iprefix", "-iwithprefix",
		"-iwithprefixbefore", "-isysroot", "-imultilib", "-MF", "-MT", "-MQ", "--param", "-Xlinker",
		"-Xpreprocessor", "-Xassembler", "-Xclang", "-mllvm", "-target", "-arch", "-aux-info",
		"-dumpbase", "-dumpdir", "-dumpbase-ext", "-wrapper", "-specs", "-gcc-toolchain", "--sysroot",
	};
	for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
		if (strcmp(opt, list[i]) == 0)
			return true;
	return false;
}

static bool has_suffix(const char *file, const char *const *list)
{
	const char *dot = strrchr(file, '.');

	if (dot == NULL || strchr(dot, '/') != NULL)
		return false;
	for (; *list != NULL; list++)
		if (strcmp(dot, *list) == 0)
			return true;
	return false;
}

static bool is_cplusplus(const char *file)
{
	static const char *const list[] = { ".cc", ".cpp", ".cxx", ".c++", ".C", ".CPP", ".cp", NULL };
	return has_suffix(file, list);
}

static bool is_c(const char *file)
{
	static const char *const list[] = { ".c", NULL };
	return has_suffix(file, list);
}

static bool begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

// The library is built plain, for address, for undefined and for thread; what a program asks for may
// be a list. The library of address serves address,undefined as well.
static void note_sanitizers(struct job *job, const char *list)
{
	static const char *const ours[] = { "thread", "address", "undefined" }; // the stronger first

	for (size_t i = 0; i < 3; i++) {
		if (job->sanitizer != NULL && strcmp(job->sanitizer, ours[i]) == 0)
			return;
		for (const char *p = list; *p != '\0'; p += p[0] == ',') {
			size_t n = strcspn(p, ",");
			if (n == strlen(ours[i]) && strncmp(p, ours[i], n) == 0) {
				job->sanitizer = ours[i];
				return;
			}
			p += n;
		}
	}
}

static void note_option(struct job *job, const char *a)
{
	static const char *const no_link[] = { "-c", "-S", "-E", "-M", "-MM", "-fsyntax-only" };

	for (size_t i = 0; i < sizeof no_link / sizeof no_link[0]; i++) {
		if (strcmp(a, no_link[i]) != 0)
			continue;
		if (job->run)
			die("%s makes no program to run; use garn build", a);
		job->link = false;
	}
	if (strcmp(a, "-shared") == 0) {
		if (job->run)
			die("-shared makes no program to run; use garn build");
		job->shared = true;
	}
	if (begins(a, "-fsanitize="))
		note_sanitizers(job, a + strlen("-fsanitize="));
}

// What the compiler would hand to the linker, which would wonder at it.
static bool is_foreign(const struct job *job, const char *file)
{
	static const char *const list[] = { ".go", ".rs", ".py", ".sh", ".md", ".txt", NULL };
	for (size_t i = 0; i < job->args.n; i++)
		if (begins(job->args.w[i], "-x"))
			return false; // he says what it is
	return has_suffix(file, list);
}

static void note_file(struct job *job, const char *a)
{
	struct stat st;

	if (strcmp(a, "-") != 0) {
		if (stat(a, &st) != 0) {
			if (errno == ENOENT && job->run && job->first != NULL)
				die("no such file: %s (what is meant for the program stands behind --)", a);
			if (errno == ENOENT)
				die("no such file: %s", a);
			die("%s: %s", a, strerror(errno));
		}
		if (S_ISDIR(st.st_mode))
			die("%s is a directory; name its files", a);
		if (is_foreign(job, a))
			die("%s is neither C nor C++", a);
	}
	if (job->first == NULL)
		job->first = a;
	if (is_cplusplus(a))
		job->cplusplus = true;
}

void job_parse(struct job *job, int argc, char **argv)
{
	job->link = true;
	for (int i = 0; i < argc; i++) {
		const char *a = argv[i];

		if (strcmp(a, "--") == 0) {
			if (!job->run)
				die("garn build takes no arguments for the program; -- is for garn run");
			job->program_args = argv + i + 1;
			break;
		}
		if (begins(a, "-o") && (a[2] == '\0' || job->run || !begins(a, "-object"))) {
			if (job->run)
				die("garn run leaves no file behind, and has no -o; use garn build");
			if (a[2] == '\0' && ++i == argc)
				die("-o needs the name of a file");
			job->out = a[2] != '\0' ? a + 2 : argv[i];
			continue;
		}
		words_add(&job->args, a);
		if (a[0] != '-' || a[1] == '\0') {
			if (a[0] != '@')
				note_file(job, a);
			else if (job->first == NULL)
				job->first = "a.out"; // the compiler reads that list, not we
			continue;
		}
		note_option(job, a);
		if (takes_a_word(a)) {
			if (++i == argc)
				die("%s needs a word after it", a);
			words_add(&job->args, argv[i]);
		}
	}
	if (job->first == NULL)
		die("no source file given; garn help says how");
}

// Some clangs take C++ for C++14, which garn.h cannot do with. (Beside C files they take no such flag.)
static bool needs_cplusplus17(const struct job *job, const struct words *cc)
{
	for (size_t i = 0; i < job->args.n; i++)
		if (is_c(job->args.w[i]))
			return false;
	return job->cplusplus && compiler_is_clang(cc);
}

void job_command(const struct job *job, const struct words *cc, const struct place *at, const char *out, struct words *cmd)
{
	for (size_t i = 0; i < cc->n; i++)
		words_add(cmd, cc->w[i]);
	words_add(cmd, "-O2");
	words_add(cmd, "-g");
	// Big frames touch every page on their way down, and so cannot step over the guard.
	words_add(cmd, "-fstack-clash-protection");
	words_add(cmd, "-pthread");
	const char *terse = short_complaints(cc);
	if (terse != NULL)
		words_add(cmd, terse);
	if (needs_cplusplus17(job, cc))
		words_add(cmd, "-std=gnu++17");
	if (job->shared)
		words_add(cmd, "-fPIC");
	words_add(cmd, "-I");
	words_add(cmd, at->include);

	for (size_t i = 0; i < job->args.n; i++) {
		const char *a = job->args.w[i];
		// g++ takes a .c file for C++; a user who names both kinds means what the names say.
		bool c = job->cplusplus && a[0] != '-' && is_c(a) && (i == 0 || !takes_a_word(job->args.w[i - 1]));
		if (c) {
			words_add(cmd, "-x");
			words_add(cmd, "c");
		}
		words_add(cmd, a);
		if (c) {
			words_add(cmd, "-x");
			words_add(cmd, "none");
		}
	}

	if (job->link && !job->shared) {
		words_add(cmd, "-Wl,--wrap=main");
		words_add(cmd, "-x"); // a user's own -x is not meant for the library
		words_add(cmd, "none");
		words_add(cmd, at->library);
	}
	if (out != NULL) {
		words_add(cmd, "-o");
		words_add(cmd, out);
	}
}
