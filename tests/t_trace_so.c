// A trace through functions of a shared object that the program loads itself, compiled here with the compiler at hand:
// with its debug information before the library looks for the first time, and by name and file at least after.
// SAN: no-address no-thread no-undefined (the object would need the same flags)
// LIBS: -ldl
#include "t_trace.h"

#include <dlfcn.h>
#include <garn.h>

static const char source[] = "static int hidden(int (*fn)(int), int v)\n"
			     "{\n"
			     "	return fn(v) + 1;\n"
			     "}\n"
			     "int in_object(int (*fn)(int), int v);\n"
			     "int in_object(int (*fn)(int), int v)\n"
			     "{\n"
			     "	return hidden(fn, v) + 1;\n"
			     "}\n";

static int back(int v)
{
	chan_close((chan(int))NULL);
	return v;
}

static void die(const char *path)
{
	void *so = dlopen(path, RTLD_NOW);
	CHECK(so != NULL);
	int (*fn)(int (*)(int), int) = (int (*)(int (*)(int), int))(uintptr_t)dlsym(so, "in_object");
	CHECK(fn != NULL);
	printf("%d\n", fn(back, 1) + 1);
}

static void compile(const char *dir, const char *flags)
{
	char cmd[500];
	const char *cc = getenv("CC");
	snprintf(cmd, sizeof cmd, "%s %s -shared -fPIC -fno-inline -o %s/o.so %s/o.c", cc && *cc ? cc : "cc", flags, dir, dir);
	if (system(cmd) != 0)
		SKIP("no compiler at hand");
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/t_trace_so.XXXXXX", path[100];
	if (argc > 1)
		die(argv[1]);
	CHECK(mkdtemp(dir) != NULL);
	snprintf(path, sizeof path, "%s/o.c", dir);
	FILE *f = fopen(path, "w");
	CHECK(f != NULL);
	fputs(source, f);
	fclose(f);

	snprintf(path, sizeof path, "%s/o.so", dir);
	compile(dir, "-g -O1");
	struct t_death with = t_die_as(path, NULL);
	compile(dir, "-g0 -O1 -s");
	struct t_death without = t_die_as(path, NULL);
	unlink(path);
	snprintf(path, sizeof path, "%s/o.c", dir);
	unlink(path);
	rmdir(dir);

	CHECK_EQ(t_lines(with.text, "panic: close of nil channel"), 1);
	CHECK_EQ(t_lines(with.text, "back"), 1);
	CHECK_EQ(t_lines(with.text, "hidden"), 1);
	CHECK(strstr(with.text, "/o.c:3 +0x") != NULL);
	CHECK_EQ(t_lines(with.text, "in_object"), 1);
	CHECK(strstr(with.text, "/o.c:8 +0x") != NULL);
	CHECK_EQ(t_lines(with.text, "main"), 1);

	CHECK_EQ(t_lines(without.text, "back"), 1);
	CHECK_EQ(t_lines(without.text, "in_object"), 1);
	CHECK(strstr(without.text, "/o.so") != NULL);
	CHECK_EQ(t_lines(without.text, "main"), 1);
	return 0;
}
