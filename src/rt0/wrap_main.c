/* Linked with --wrap=main, libc's start-up calls this instead of the program's main. In an archive member of its own: only
 * programs that are linked so have a __real_main. */

int __real_main(int argc, char **argv, char **envp);
int __wrap_main(int argc, char **argv);
int garn_main(int (*fn)(int, char **, char **), int argc, char **argv);

int __wrap_main(int argc, char **argv)
{
	return garn_main(__real_main, argc, argv);
}
