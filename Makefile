# garn: one Makefile, no configure step. `make help` lists the targets and the variables.

VERSION  = 0.1.0
SOVERSION = 0

# As many jobs as processors, unless -j says otherwise.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
endif

# make's own default for CC is cc and c++; say gcc, as the tool and the tests do, unless told otherwise.
ifeq ($(origin CC),default)
CC = gcc
endif
ifeq ($(origin CXX),default)
# The C++ compiler of the same family and version: gcc-12 -> g++-12, clang -> clang++.
CXX := $(shell echo '$(CC)' | sed -e 's/clang/clang++/;t' -e 's/gcc/g++/;t' -e 's/\(^\|[ /]\)cc\($$\| \)/\1c++\2/')
endif
AR      ?= ar
LD      ?= ld
NM      ?= nm
OBJCOPY ?= objcopy
INSTALL ?= install

PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR     ?= $(PREFIX)/share/man

# These are taken from the command line only: short names mean other things in an environment.
SAN    :=
HARD   :=
WERROR :=
V      :=
T      :=
P      :=
STRESS_SECONDS ?= 600

# A flavour has a build directory of its own, so that going back and forth costs nothing.
comma := ,
FLAVOUR := $(if $(SAN),-$(subst $(comma),+,$(SAN)))$(if $(HARD),-hard)
O := build$(FLAVOUR)

# ---- flags -------------------------------------------------------------------------------------

WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
       -Wpointer-arith -Wundef -Wvla -Wwrite-strings $(if $(WERROR),-Werror) \
       -Werror=implicit-function-declaration -Werror=int-conversion -Werror=incompatible-pointer-types

IS_CLANG := $(shell $(CC) --version 2>/dev/null | grep -c clang)

# libbacktrace comes with gcc, in gcc's own folders: ask gcc for them even when CC is another compiler.
# The header's folder goes last, or gcc's stddef.h and immintrin.h would hide clang's.
GCC ?= gcc
BT_LIB := $(filter /%,$(shell $(GCC) -print-file-name=libbacktrace.a 2>/dev/null))
BT_INC := $(filter /%,$(shell $(GCC) -print-file-name=include 2>/dev/null))
ifneq ($(and $(wildcard $(BT_LIB)),$(wildcard $(BT_INC)/backtrace.h)),)
BT_FLAGS := -idirafter $(BT_INC)
else
BT_LIB :=
BT_FLAGS := -DGARN_NO_BACKTRACE
endif

# liburing, if it is installed, becomes a part of the library, as libbacktrace does: no program has to link it.
URING_LIB := $(filter /%,$(shell $(GCC) -print-file-name=liburing.a 2>/dev/null))
ifneq ($(and $(wildcard $(URING_LIB)),$(wildcard /usr/include/liburing.h /usr/local/include/liburing.h)),)
URING_FLAGS :=
else
URING_LIB :=
URING_FLAGS := -DGARN_NO_URING
endif

CFLAGS ?= -O2 -g
# What decides the flavour; the tests are compiled with these too.
FLAVOUR_FLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer) \
                 $(if $(HARD),-DGARN_HARD) $(if $(HARD)$(SAN),-DGARN_CHECK) $(if $(findstring thread,$(SAN)),-DGARN_TSAN)

# initial-exec: one instruction instead of a call for each getg(), and libgarn.so is never unloaded.
# Never -fsplit-stack here: the runtime runs on stacks that have no room to grow. Never -flto, which distributions have
# in their CFLAGS: what is merged and whose symbols are made local must be machine code.
LIB_FLAGS = -std=gnu11 -D_GNU_SOURCE $(CFLAGS) -fPIC -fvisibility=hidden -ftls-model=initial-exec \
            -fasynchronous-unwind-tables -fno-semantic-interposition -fno-lto \
            $(if $(filter-out 0,$(IS_CLANG)),-fno-addrsig) \
            $(WARN) $(FLAVOUR_FLAGS) -Isrc -Iinclude $(CPPFLAGS)

ifneq ($(and $(findstring thread,$(SAN)),$(filter 0,$(IS_CLANG))),)
$(warning SAN=thread: gcc knows at most 8128 goroutines under it, and is slow; CC=clang is what is tested)
endif

# ---- files -------------------------------------------------------------------------------------

SRC := $(wildcard src/*/*.c src/*/*.S)
OBJ := $(patsubst src/%,$(O)/obj/%.o,$(basename $(SRC)))
# Members of their own in the archive: merged with the rest they would make a plain -lgarn want
# __real_main, or replace libgcc's __morestack in programs that never asked for ours.
ALONE  := $(filter $(O)/obj/rt0/wrap_main.o $(O)/obj/rt0/wrap_thread.o $(O)/obj/arch/morestack.o,$(OBJ))
MERGED := $(filter-out $(ALONE),$(OBJ))

LIBS := $(O)/libgarn.a $(O)/libgarn.so
TOOL := $(O)/garn

Q := $(if $(V),,@)
# A line for each step; the commands themselves with V=1; nothing with make -s.
SILENT = $(findstring s,$(firstword -$(MAKEFLAGS)))
say = $(if $(V)$(SILENT),,@printf '  %-5s %s\n' $(1) '$(2)')

.PHONY: all lib check stress bench load layers install uninstall clean help FORCE
.DELETE_ON_ERROR:

all: $(LIBS) $(if $(wildcard cmd/garn/garn.c),$(TOOL))
lib: $(LIBS)

# The flags, and the list of objects (a removed file must leave the library too), are files that change
# only when what they say does; what is compiled or linked depends on them.
FLAGS_NOW := $(strip $(CC) $(LIB_FLAGS) $(BT_FLAGS) $(URING_FLAGS) $(LDFLAGS) $(BT_LIB) $(URING_LIB) $(VERSION) $(CURDIR))
OBJ_NOW   := $(strip $(OBJ))
ifneq ($(strip $(file <$(O)/flags)),$(FLAGS_NOW))
$(O)/flags: FORCE
endif
ifneq ($(strip $(file <$(O)/objects)),$(OBJ_NOW))
$(O)/objects: FORCE
endif
$(O)/flags:
	@mkdir -p $(@D)
	@printf '%s\n' '$(FLAGS_NOW)' >$@
$(O)/objects:
	@mkdir -p $(@D)
	@printf '%s\n' '$(OBJ_NOW)' >$@

# TSan sees fibers, not threads with their Ps: the scheduler and what lies below it would be one false alarm, so it is
# compiled without, and says what orders goroutines by itself (src/sched/san.h).
NOTSAN := $(if $(findstring thread,$(SAN)),$(patsubst %,$(O)/obj/%.o,arch/% os/% stack/% poll/% timer/% sched/% debug/% \
          base/heap core/note core/slab core/throw core/globals sync/sudog))
FILE_FLAGS = $(if $(filter $(NOTSAN),$@),-fno-sanitize=thread) $(if $(filter debug/symbol,$*),$(BT_FLAGS)) \
             $(if $(filter io/ring,$*),$(URING_FLAGS))

$(O)/obj/%.o: src/%.c $(O)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LIB_FLAGS) $(FILE_FLAGS) -MMD -MP -c -o $@ $<

$(O)/obj/%.o: src/%.S $(O)/flags
	$(call say,AS,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LIB_FLAGS) -MMD -MP -c -o $@ $<

# One object for the whole library, in which only garn_* stays visible: a user's own schedule() or
# lock() then neither replaces ours nor collides with it.
$(O)/garn.o: $(MERGED) $(O)/objects tools/garn.ld
	$(call say,LD,$@)
	$(Q)$(LD) -r -z noexecstack -T tools/garn.ld -o $@.tmp $(MERGED) $(BT_LIB) $(URING_LIB)
	$(Q)$(OBJCOPY) --wildcard --keep-global-symbol='garn_*' $@.tmp $@
	$(Q)rm -f $@.tmp

$(O)/libgarn.a: $(O)/garn.o $(ALONE)
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(O)/libgarn.so: $(O)/garn.o
	$(call say,LD,$@)
	$(Q)$(CC) -shared $(CFLAGS) $(if $(SAN),-fsanitize=$(SAN)) $(LDFLAGS) -o $@ $< -pthread \
	    -Wl,-soname,libgarn.so.$(SOVERSION) -Wl,-z,nodelete -Wl,-z,noexecstack $(if $(SAN),,-Wl,-z,defs)
	$(Q)ln -sf libgarn.so $@.$(SOVERSION)

# The tool is an ordinary program; no flavour applies to it.
TOOL_SRC := $(wildcard cmd/garn/*.c)
$(TOOL): $(TOOL_SRC) $(wildcard cmd/garn/*.h) $(O)/flags
	$(call say,CC,$@)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(CFLAGS) $(WARN) -DGARN_VERSION='"$(VERSION)"' \
	    -DGARN_SOURCE='"$(CURDIR)"' $(CPPFLAGS) $(LDFLAGS) -o $@ $(TOOL_SRC)

-include $(OBJ:.o=.d)

# ---- tests -------------------------------------------------------------------------------------

TEST_FLAGS = $(CFLAGS) -Wall -Wextra $(if $(WERROR),-Werror) $(FLAVOUR_FLAGS)
RUN = O='$(O)' CC='$(CC)' CXX='$(CXX)' SAN='$(SAN)' HARD='$(HARD)' T='$(T)' P='$(P)' V='$(V)' NM='$(NM)' \
      TEST_FLAGS='$(strip $(TEST_FLAGS))' sh tests/run

check: all
	@$(RUN) check

load: all
	@$(RUN) load

# Half of the time each: as it is, and hostile.
stress: all
	@$(RUN) stress $$(($(STRESS_SECONDS)$(if $(HARD),,/ 2)))
ifeq ($(HARD),)
	@$(MAKE) --no-print-directory stress HARD=1 STRESS_SECONDS=$$(($(STRESS_SECONDS) / 2))
endif

bench: all
	@O='$(O)' CC='$(CC)' CFLAGS='$(CFLAGS)' sh bench/run
	@O='$(O)' CC='$(CC)' CFLAGS='$(CFLAGS)' sh bench/net/run

layers: $(OBJ)
	@NM='$(NM)' sh tools/layers src $(O)/obj
	@sh tools/pairs src

# ---- install -----------------------------------------------------------------------------------

HEADERS := $(wildcard include/*.h)
MAN := $(wildcard man/*.[137])
SOFILE = libgarn.so.$(VERSION)

pc = sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
         -e 's|@VERSION@|$(VERSION)|' tools/$(1).pc.in >'$(DESTDIR)$(LIBDIR)/pkgconfig/$(1).pc'

install: all
	$(INSTALL) -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(INCLUDEDIR)' '$(DESTDIR)$(LIBDIR)/pkgconfig'
	$(INSTALL) -m 755 $(TOOL) '$(DESTDIR)$(BINDIR)/garn'
	$(INSTALL) -m 644 $(HEADERS) '$(DESTDIR)$(INCLUDEDIR)'
	$(INSTALL) -m 644 $(O)/libgarn.a '$(DESTDIR)$(LIBDIR)/libgarn.a'
	$(INSTALL) -m 755 $(O)/libgarn.so '$(DESTDIR)$(LIBDIR)/$(SOFILE)'
	ln -sf $(SOFILE) '$(DESTDIR)$(LIBDIR)/libgarn.so.$(SOVERSION)'
	ln -sf libgarn.so.$(SOVERSION) '$(DESTDIR)$(LIBDIR)/libgarn.so'
	$(call pc,garn)
	$(call pc,garn-main)
	set -e; for f in $(MAN); do \
	    d='$(DESTDIR)$(MANDIR)'/man$${f##*.}; $(INSTALL) -d "$$d"; $(INSTALL) -m 644 "$$f" "$$d"; done

uninstall:
	rm -f $(HEADERS:include/%='$(DESTDIR)$(INCLUDEDIR)/%')
	rm -f '$(DESTDIR)$(BINDIR)/garn' '$(DESTDIR)$(LIBDIR)/libgarn.a' \
	    '$(DESTDIR)$(LIBDIR)/$(SOFILE)' '$(DESTDIR)$(LIBDIR)/libgarn.so.$(SOVERSION)' \
	    '$(DESTDIR)$(LIBDIR)/libgarn.so' '$(DESTDIR)$(LIBDIR)/pkgconfig/garn.pc' \
	    '$(DESTDIR)$(LIBDIR)/pkgconfig/garn-main.pc'
	set -e; for f in $(MAN); do rm -f '$(DESTDIR)$(MANDIR)'/man$${f##*.}/"$${f##*/}"; done

# A folder given as O is removed only if it is one of ours.
clean:
	rm -rf build build-*
	test ! -f '$(O)/objects' || rm -rf '$(O)'

help:
	@echo 'make             libgarn.a, libgarn.so and the tool, in build/'
	@echo 'make check       all tests;  T=t_chan or T="t_*" some of them,  P="1 2" values of GARN_MAXPROCS'
	@echo 'make stress      the stress tests, over and over, for STRESS_SECONDS (600), plain and HARD'
	@echo 'make load        the tests that take minutes'
	@echo 'make bench       the benchmarks, beside their peers where these are installed'
	@echo 'make layers      which folder of src/ leans on which; atomics without a partner'
	@echo 'make install     to DESTDIR + PREFIX (/usr/local), with BINDIR LIBDIR INCLUDEDIR MANDIR; uninstall'
	@echo 'make clean'
	@echo
	@echo 'O=dir            build there'
	@echo 'SAN=address      or undefined or thread: with that sanitizer, in build-address (thread: with CC=clang)'
	@echo 'HARD=1           the hostile build, in build-hard: rare interleavings become common ones'
	@echo 'CC=clang         another compiler; CXX follows it;  CFLAGS (-O2 -g), CPPFLAGS, LDFLAGS'
	@echo 'WERROR=1         warnings are errors;  V=1 shows the commands'
	@echo 'GARN_SEED=N      before make: tests that throw dice throw these; a failure prints the line that does'
