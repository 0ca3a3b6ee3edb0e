/* Linked with -fsplit-stack, not only compiled, gcc and clang say --wrap=pthread_create: libgcc would give each thread a limit of its own,
 * and take our __morestack's place. Here threads have none: see sched/newstack.c. A member of its own in the archive. */
#include <pthread.h>

int __real_pthread_create(pthread_t *t, const pthread_attr_t *attr, void *(*fn)(void *), void *arg);
int __wrap_pthread_create(pthread_t *t, const pthread_attr_t *attr, void *(*fn)(void *), void *arg);

int __wrap_pthread_create(pthread_t *t, const pthread_attr_t *attr, void *(*fn)(void *), void *arg)
{
	return __real_pthread_create(t, attr, fn, arg);
}
