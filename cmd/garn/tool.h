// The tool in five files: garn.c the commands, place.c where the library is, compile.c the compiler's
// command line, split.c what -fsplit-stack asks for, child.c running other programs. It does not use the runtime it links into others.
#ifndef GARN_TOOL_H
#define GARN_TOOL_H

#include <stdbool.h>
#include <stddef.h>

// A growing list of words, always ended by NULL: an argv.
struct words {
	char **w;
	size_t n, cap;
};

void words_add(struct words *ws, const char *word);
void words_split(struct words *ws, const char *text); // at blanks, for CC="ccache gcc"

// What a command line asked for.
struct job {
	bool run;              // garn run, not garn build
	const char *out;       // -o, or NULL
	const char *first;     // the first input file: names the program
	const char *sanitizer; // the library's flavour that is to be linked, or NULL
	bool cplusplus;        // some file is C++: the C++ compiler compiles and links
	bool link;             // no -c, -S, -E, -M, -fsyntax-only
	bool shared;           // -shared: a piece of a program, which brings the library itself
	struct words args;     // what goes to the compiler, in the user's order
	char **program_args;   // after --, ended by NULL
};

// Where things are.
struct place {
	char *include;  // the folder of garn.h
	char *library;  // libgarn.a
	char *build;    // the build folder this tool stands in, or NULL when installed
	char *checkout; // the source tree of that folder
};

void die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
char *format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

void place_find(struct place *at, const char *sanitizer, bool clang, const char *cc);

void compiler_choose(struct words *cc, bool cplusplus);
bool compiler_is_clang(const struct words *cc);
bool program_exists(const char *name);
void job_parse(struct job *job, int argc, char **argv);
void job_command(const struct job *job, const struct words *cc, const struct place *at, const char *out, struct words *cmd);

void split_check(struct job *job, const struct words *cc); // dies where -fsplit-stack cannot work
int split_run(const struct job *job, const struct words *cc, char **argv); // the compiler; its wait status

char *temp_folder(void);    // made now; removed when the tool ends, however it ends
void temp_remove(void);
int run_child(char **argv); // its wait status
int run_child_to_stderr(char **argv); // the same; what it prints is no output of ours
int run_child_noting(char **argv, int fd); // the same; what it says on standard error goes to fd
void end_like(int status) __attribute__((noreturn));

#endif
