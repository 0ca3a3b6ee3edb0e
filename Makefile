# garn: one Makefile, no configure step. `make help` lists the targets and the variables.

VERSION  = 0.1.0
SOVERSION = 0

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

SAN    ?=
HARD   ?=
WERROR ?=
V      ?=
T      ?=
STRESS_SECONDS ?= 600

# A flavour has a build directory of its own, so that going back and forth costs nothing.
comma := ,
FLAVOUR := $(if $(SAN),-$(subst $(comma),+,$(SAN)))$(if $(HARD),-hard)
O ?= build$(FLAVOUR)

# ---- flags -------------------------------------------------------------------------------------

WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
       -Wpointer-arith -Wundef -Wvla -Wwrite-strings $(if $(WERROR),-Werror)

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

CFLAGS ?= -O2 -g
# What decides the flavour; the tests are compiled with these too.
FLAVOUR_FLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer) $(if $(HARD),-DGARN_HARD)

# initial-exec: one instruction instead of a call for each getg(), and libgarn.so is never unloaded.
# Never -fsplit-stack here: the runtime runs on stacks that have no room to grow.
LIB_FLAGS = -std=gnu11 $(CFLAGS) -fPIC -fvisibility=hidden -ftls-model=initial-exec \
            -fasynchronous-unwind-tables -fno-semantic-interposition \
            $(if $(filter-out 0,$(IS_CLANG)),-fno-addrsig) \
            $(WARN) $(FLAVOUR_FLAGS) $(BT_FLAGS) -Isrc -Iinclude $(CPPFLAGS)

# ---- files -------------------------------------------------------------------------------------

SRC := $(wildcard src/*/*.c src/*/*.S)
OBJ := $(patsubst src/%,$(O)/obj/%.o,$(basename $(SRC)))
# Members of their own in the archive: merged with the rest they would make a plain -lgarn want
# __real_main, or replace libgcc's __morestack in programs that never asked for ours.
ALONE  := $(filter $(O)/obj/rt0/wrap_main.o $(O)/obj/arch/%morestack.o,$(OBJ))
MERGED := $(filter-out $(ALONE),$(OBJ))

LIBS := $(O)/libgarn.a $(O)/libgarn.so
TOOL := $(O)/garn

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' $(1) '$(2)')

.PHONY: all lib check stress bench load layers install uninstall clean help FORCE
.DELETE_ON_ERROR:

all: $(LIBS) $(if $(wildcard cmd/garn/garn.c),$(TOOL))
lib: $(LIBS)

# The flags are a file that changes only when they do, and everything compiled depends on it.
$(O)/flags: FORCE
	@mkdir -p $(O)
	@echo '$(CC) $(LIB_FLAGS) $(LDFLAGS) $(BT_LIB) $(CURDIR)' | cmp -s - $@ || \
	 echo '$(CC) $(LIB_FLAGS) $(LDFLAGS) $(BT_LIB) $(CURDIR)' > $@

$(O)/obj/%.o: src/%.c $(O)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LIB_FLAGS) -MMD -MP -c -o $@ $<

$(O)/obj/%.o: src/%.S $(O)/flags
	$(call say,AS,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LIB_FLAGS) -MMD -MP -c -o $@ $<

# A file that was removed must leave the library too: the list of objects is a dependency as well.
$(O)/objects: FORCE
	@mkdir -p $(O)
	@echo '$(OBJ)' | cmp -s - $@ || echo '$(OBJ)' > $@

# One object for the whole library, in which only garn_* stays visible: a user's own schedule() or
# lock() then neither replaces ours nor collides with it.
$(O)/garn.o: $(MERGED) $(O)/objects
	$(call say,LD,$@)
	$(Q)$(LD) -r -z noexecstack -o $@.tmp $(MERGED) $(BT_LIB)
	$(Q)$(OBJCOPY) --wildcard --keep-global-symbol='garn_*' $@.tmp $@
	$(Q)rm -f $@.tmp

$(O)/libgarn.a: $(O)/garn.o $(ALONE)
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(O)/libgarn.so: $(O)/garn.o
	$(call say,LD,$@)
	$(Q)$(CC) -shared $(CFLAGS) $(if $(SAN),-fsanitize=$(SAN)) $(LDFLAGS) -o $@ $< -pthread \
	    -Wl,-soname,libgarn.so.$(SOVERSION) -Wl,-z,nodelete -Wl,-z,noexecstack
	$(Q)ln -sf libgarn.so $@.$(SOVERSION)

# The tool is an ordinary program; no flavour applies to it.
$(TOOL): cmd/garn/garn.c $(O)/flags
	$(call say,CC,$<)
	$(Q)$(CC) -std=gnu11 $(CFLAGS) $(WARN) -DGARN_VERSION='"$(VERSION)"' -DGARN_SOURCE='"$(CURDIR)"' \
	    $(CPPFLAGS) $(LDFLAGS) -MMD -MP -MF $@.d -o $@ $<

-include $(OBJ:.o=.d) $(TOOL).d

layers: $(OBJ)
	@tools/layers src $(O)/obj
	@tools/pairs src

clean:
	rm -rf build build-* $(filter-out . ..,$(O))
