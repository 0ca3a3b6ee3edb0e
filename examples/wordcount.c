// Counts the words of files, as a pipeline of goroutines.
//
//   ./garn run examples/wordcount.c -- FILES...            folders are walked; without FILES, standard input
//   ./garn run examples/wordcount.c -- --top 20 FILES...   the twenty most frequent words instead of ten
//   ./garn run examples/wordcount.c -- --plain FILES...    the same in one goroutine, a byte at a time, to compare
//
//   main --paths--> READERS --blocks--> a counter for each CPU --results--> merger --total--> main
//
// A word is a run of ASCII letters, digits, underscores and bytes from 128 up, so that UTF-8 stays whole; ASCII
// letters are counted as small ones. In folders only regular files count, and symbolic links are not followed.
// A file that cannot be read is reported, the others are counted, and the exit status is 1.
//
// What to look at: no goroutine touches another's memory. What travels over a channel (a path, a block, a whole
// table) belongs to whoever receives it. The buffered channels bound the memory in flight: readers that are
// too fast just wait. The readers use plain read(2).
#include <garn.h>

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READERS = 8, BLOCK = 64 * 1024, SHOWN = 60 };

static void *must(void *p)
{
	if (p == NULL) {
		fprintf(stderr, "wordcount: out of memory\n");
		exit(1);
	}
	return p;
}

static void complain(const char *path)
{
	fprintf(stderr, "wordcount: %s: %s\n", path, strerror(errno));
}

// ---- A table of words: open addressing, at most half full ------------------------------------------

struct word {
	char *text; // not terminated; null in an empty slot
	size_t len;
	uint64_t hash, count;
};

struct table {
	struct word *slot;
	size_t size, used;
};

static uint64_t hash_bytes(const char *text, size_t len)
{
	uint64_t h = 14695981039346656037u; // FNV-1a
	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * 1099511628211u;
	return h ^ h >> 32;
}

static struct word *table_find(const struct table *t, const char *text, size_t len, uint64_t hash)
{
	for (size_t i = hash & (t->size - 1);; i = (i + 1) & (t->size - 1)) {
		struct word *w = &t->slot[i];
		if (w->text == NULL || (w->hash == hash && w->len == len && memcmp(w->text, text, len) == 0))
			return w;
	}
}

static void table_grow(struct table *t)
{
	struct table bigger = { .size = t->size > 0 ? t->size * 2 : 1024, .used = t->used };
	bigger.slot = must(calloc(bigger.size, sizeof *bigger.slot));
	for (size_t i = 0; i < t->size; i++) {
		struct word *w = &t->slot[i];
		if (w->text != NULL)
			*table_find(&bigger, w->text, w->len, w->hash) = *w;
	}
	free(t->slot);
	*t = bigger;
}

// One more of this word, whose text is copied if it is new.
static void table_count(struct table *t, const char *text, size_t len)
{
	if (2 * t->used >= t->size)
		table_grow(t);
	uint64_t hash = hash_bytes(text, len);
	struct word *w = table_find(t, text, len, hash);
	if (w->text == NULL) {
		*w = (struct word){ must(malloc(len)), len, hash, 0 };
		memcpy(w->text, text, len);
		t->used++;
	}
	w->count++;
}

// Moves all of from into t.
static void table_merge(struct table *t, struct table *from)
{
	for (size_t i = 0; i < from->size; i++) {
		struct word *w = &from->slot[i];
		if (w->text == NULL)
			continue;
		if (2 * t->used >= t->size)
			table_grow(t);
		struct word *mine = table_find(t, w->text, w->len, w->hash);
		if (mine->text == NULL) {
			*mine = *w;
			t->used++;
		} else {
			mine->count += w->count;
			free(w->text);
		}
	}
	free(from->slot);
	*from = (struct table){0};
}

static void table_free(struct table *t)
{
	for (size_t i = 0; i < t->size; i++)
		free(t->slot[i].text);
	free(t->slot);
}

// ---- What is counted --------------------------------------------------------------------------------

struct counts {
	uint64_t files, lines, words, bytes, errors;
	struct table table;
};

static void counts_add(struct counts *c, struct counts *from)
{
	c->files += from->files;
	c->lines += from->lines;
	c->words += from->words;
	c->bytes += from->bytes;
	c->errors += from->errors;
	table_merge(&c->table, &from->table);
}

static bool in_word(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c >= 128;
}

static char small(unsigned char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

// ---- The walk: every file that the arguments name, folders included -----------------------------------

typedef void visitor(const char *path, void *arg);

// The folders still to be read: a list rather than recursion, so that depth costs neither stack nor descriptors.
struct folders {
	char **path;
	size_t n, room;
};

static void folders_push(struct folders *f, char *path)
{
	if (f->n == f->room) {
		f->room = f->room > 0 ? f->room * 2 : 16;
		f->path = must(realloc(f->path, f->room * sizeof *f->path));
	}
	f->path[f->n++] = path;
}

static char *join(const char *folder, const char *name)
{
	size_t a = strlen(folder), b = strlen(name);
	while (a > 1 && folder[a - 1] == '/')
		a--;
	char *path = must(malloc(a + b + 2));
	memcpy(path, folder, a);
	if (a > 0 && path[a - 1] != '/')
		path[a++] = '/';
	memcpy(path + a, name, b + 1);
	return path;
}

// One folder: visits its files, remembers the folders in it. Returns the number of errors.
static int walk_folder(const char *folder, struct folders *f, visitor *visit, void *arg)
{
	int errors = 0;
	DIR *d = opendir(folder);
	if (d == NULL) {
		complain(folder);
		return 1;
	}
	for (;;) {
		errno = 0;
		struct dirent *e = readdir(d);
		if (e == NULL)
			break;
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		char *path = join(folder, e->d_name);
		struct stat st;
		if (lstat(path, &st) != 0) {
			complain(path);
			errors++;
		} else if (S_ISDIR(st.st_mode)) {
			folders_push(f, path);
			continue;
		} else if (S_ISREG(st.st_mode)) {
			visit(path, arg);
		}
		free(path);
	}
	if (errno != 0) {
		complain(folder);
		errors++;
	}
	closedir(d);
	return errors;
}

static int walk(char **args, int n, visitor *visit, void *arg)
{
	struct folders f = {0};
	int errors = 0;
	for (int i = 0; i < n; i++) {
		struct stat st;
		if (stat(args[i], &st) != 0) {
			complain(args[i]);
			errors++;
		} else if (S_ISDIR(st.st_mode)) {
			folders_push(&f, must(strdup(args[i])));
		} else {
			visit(args[i], arg);
		}
		while (f.n > 0) {
			char *folder = f.path[--f.n];
			errors += walk_folder(folder, &f, visit, arg);
			free(folder);
		}
	}
	free(f.path);
	return errors;
}

// ---- The pipeline -----------------------------------------------------------------------------------

// A piece of a file that no word crosses the ends of.
struct block {
	char *data;
	size_t len, room;
};

static struct block block_make(const char *start, size_t len)
{
	struct block b = { .len = len, .room = len + BLOCK };
	b.data = must(malloc(b.room));
	if (len > 0)
		memcpy(b.data, start, len);
	return b;
}

// Where the last word of the block that may go on in the next one begins: len if it ends between words.
static size_t block_cut(const struct block *b)
{
	size_t n = b->len;
	while (n > 0 && in_word((unsigned char)b->data[n - 1]))
		n--;
	return n;
}

// Sends a file on, block by block. False, with errno, if it cannot be read to its end.
static bool read_file(const char *path, chan(struct block) blocks, uint64_t *bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	int failed = 0;
	struct block b = block_make(NULL, 0);
	for (;;) {
		ssize_t n = read(fd, b.data + b.len, b.room - b.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			failed = errno;
		if (n <= 0)
			break;
		*bytes += (uint64_t)n;
		b.len += (size_t)n;
		if (b.len < b.room)
			continue;
		size_t cut = block_cut(&b);
		if (cut == 0) { // one word so far: more room for it
			b.room *= 2;
			b.data = must(realloc(b.data, b.room));
			continue;
		}
		struct block next = block_make(b.data + cut, b.len - cut);
		b.len = cut;
		chan_send(blocks, b);
		b = next;
	}
	chan_send(blocks, b);
	close(fd);
	errno = failed;
	return failed == 0;
}

static void reader(chan(char *) paths, chan(struct block) blocks, chan(struct counts) results, garn_waitgroup *reading)
{
	struct counts mine = {0};
	char *path;
	while (chan_recv_ok(paths, &path)) {
		if (read_file(path, blocks, &mine.bytes)) {
			mine.files++;
		} else {
			complain(path);
			mine.errors++;
		}
		free(path);
	}
	chan_send(results, mine);
	garn_waitgroup_done(reading);
}

static void count_block(struct counts *c, struct block *b)
{
	size_t i = 0;
	while (i < b->len) {
		size_t start = i;
		while (i < b->len && in_word((unsigned char)b->data[i])) {
			b->data[i] = small((unsigned char)b->data[i]);
			i++;
		}
		if (i > start) {
			c->words++;
			table_count(&c->table, b->data + start, i - start);
		} else {
			c->lines += b->data[i++] == '\n';
		}
	}
}

static void counter(chan(struct block) blocks, chan(struct counts) results)
{
	struct counts mine = {0};
	struct block b;
	while (chan_recv_ok(blocks, &b)) {
		count_block(&mine, &b);
		free(b.data);
	}
	chan_send(results, mine);
}

static void merger(chan(struct counts) results, int n, chan(struct counts) total)
{
	struct counts all = {0};
	for (int i = 0; i < n; i++) {
		struct counts one = chan_recv(results);
		counts_add(&all, &one);
	}
	chan_send(total, all);
}

static void send_path(const char *path, void *arg)
{
	chan(char *) *paths = arg;
	chan_send(*paths, must(strdup(path)));
}

static struct counts count_in_parallel(char **args, int n)
{
	int counters = garn_gomaxprocs(0);
	chan(char *) paths = chan_make(char *, 64);
	chan(struct block) blocks = chan_make(struct block, 16);
	chan(struct counts) results = chan_make(struct counts, 0);
	chan(struct counts) total = chan_make(struct counts, 0);
	garn_waitgroup reading = {0};

	garn_waitgroup_add(&reading, READERS);
	for (int i = 0; i < READERS; i++)
		go(reader, paths, blocks, results, &reading);
	for (int i = 0; i < counters; i++)
		go(counter, blocks, results);
	go(merger, results, READERS + counters, total);

	int errors = walk(args, n, send_path, &paths);
	chan_close(paths); // the readers finish what is in it, then end
	garn_waitgroup_wait(&reading);
	chan_close(blocks); // nobody is left who could send
	struct counts c = chan_recv(total);
	c.errors += (uint64_t)errors;

	chan_unref(paths);
	chan_unref(blocks);
	chan_unref(results);
	chan_unref(total);
	return c;
}

// ---- The same, plainly: what the pipeline must agree with ------------------------------------------------

static void count_plainly(const char *path, void *arg)
{
	struct counts *c = arg;
	FILE *f = fopen(path, "r");
	if (f == NULL) {
		complain(path);
		c->errors++;
		return;
	}
	char *word = NULL;
	size_t len = 0, room = 0;
	for (int ch; (ch = getc(f)) != EOF;) {
		c->bytes++;
		c->lines += ch == '\n';
		if (in_word((unsigned char)ch)) {
			if (len == room) {
				room = room > 0 ? room * 2 : 64;
				word = must(realloc(word, room));
			}
			word[len++] = small((unsigned char)ch);
		} else if (len > 0) {
			c->words++;
			table_count(&c->table, word, len);
			len = 0;
		}
	}
	if (ferror(f)) {
		complain(path);
		c->errors++;
	} else {
		c->files++;
	}
	if (len > 0) {
		c->words++;
		table_count(&c->table, word, len);
	}
	free(word);
	fclose(f);
}

// ---- Output -----------------------------------------------------------------------------------------

// The length of the UTF-8 sequence at s that may be shown as it is: 0 if there is none.
static size_t utf8(const unsigned char *s, size_t left)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
	if (n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xc2 && s[1] < 0xa0) || (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] >= 0xa0) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] >= 0x90))
		return 0; // control characters, overlong forms, surrogates, past the end of Unicode
	return n;
}

static void print_word(const struct word *w)
{
	const unsigned char *s = (const unsigned char *)w->text;
	printf("%12" PRIu64 "  ", w->count);
	size_t i = 0;
	while (i < w->len && i < SHOWN) {
		size_t n = utf8(s + i, w->len - i);
		if (n == 0)
			printf("\\x%02x", s[i++]);
		for (; n > 0; n--)
			putchar(s[i++]);
	}
	if (i < w->len)
		printf("... (%zu bytes)", w->len);
	putchar('\n');
}

// The more frequent first, and among equals the one whose bytes are lower.
static int by_count(const void *a, const void *b)
{
	const struct word *x = *(struct word *const *)a, *y = *(struct word *const *)b;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	int order = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);
	return order != 0 ? order : x->len < y->len ? -1 : 1;
}

static void print_counts(const struct counts *c, size_t top)
{
	const struct table *t = &c->table;
	printf("%12" PRIu64 " files\n%12" PRIu64 " bytes\n%12" PRIu64 " lines\n%12" PRIu64 " words\n%12zu different words\n",
	       c->files, c->bytes, c->lines, c->words, t->used);
	struct word **order = must(malloc((t->used + 1) * sizeof *order));
	size_t n = 0;
	for (size_t i = 0; i < t->size; i++)
		if (t->slot[i].text != NULL)
			order[n++] = &t->slot[i];
	if (n > 0)
		qsort(order, n, sizeof *order, by_count);
	for (size_t i = 0; i < n && i < top; i++)
		print_word(order[i]);
	free(order);
}

static int usage(void)
{
	fprintf(stderr, "usage: wordcount [--plain] [--top N] [FILE-OR-FOLDER...]\n");
	return 2;
}

int main(int argc, char **argv)
{
	bool plain = false;
	size_t top = 10;
	int i = 1;
	for (; i < argc && argv[i][0] == '-' && argv[i][1] != '\0'; i++) {
		if (strcmp(argv[i], "--plain") == 0) {
			plain = true;
		} else if (strcmp(argv[i], "--top") == 0 && i + 1 < argc) {
			char *end;
			top = strtoul(argv[++i], &end, 10);
			if (end == argv[i] || *end != '\0')
				return usage();
		} else if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		} else {
			return usage();
		}
	}
	char input[] = "/dev/stdin";
	char *standard[] = { input };
	char **args = i < argc ? argv + i : standard;
	int n = i < argc ? argc - i : 1;

	struct counts c = {0};
	if (plain) {
		int errors = walk(args, n, count_plainly, &c);
		c.errors += (uint64_t)errors;
	} else {
		c = count_in_parallel(args, n);
	}
	print_counts(&c, top);
	table_free(&c.table);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		complain("standard output");
		return 1;
	}
	return c.errors == 0 ? 0 : 1;
}
