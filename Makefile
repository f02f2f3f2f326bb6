# fraudtop: `make demo` and `make check` do all of their own set-up. `make help` lists the targets.
B ?= build
PREFIX ?= /usr/local
CC ?= cc
VERSION := 0.1.0

PACKAGES := ncursesw libcurl libcjson sqlite3 libpcre2-8 yaml-0.1 libmicrohttpd libcrypto zlib libzstd
TEST_PACKAGES := cmocka vterm
ifeq ($(filter clean help uninstall uninstall-lib,$(MAKECMDGOALS)),)
PKG_CFLAGS := $(filter-out -D%,$(shell pkg-config --cflags $(PACKAGES) 2>/dev/null))
PKG_LIBS = $(shell pkg-config --libs $(PACKAGES))
TEST_CFLAGS := $(shell pkg-config --cflags $(TEST_PACKAGES) 2>/dev/null)
TEST_LIBS = $(shell pkg-config --libs $(TEST_PACKAGES))
endif

WARNINGS := -Wall -Wextra -Wshadow -Wformat=2 -Wcast-qual -Wstrict-prototypes -Wmissing-prototypes \
	-Wwrite-strings -Wundef -Wpointer-arith
ifdef CI
WARNINGS += -Werror
endif
CPPFLAGS += -I. -I$B/gen -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE \
	-DFRAUDTOP_VERSION='"$(VERSION)"'
CFLAGS ?= -O2 -g
override CFLAGS += -std=c11 -ffp-contract=off -fno-math-errno -pthread -MMD -MP
LIBS = $(PKG_LIBS) -lm -pthread
SANITIZE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all

CORE := $(wildcard core/*/*.c)
SCREEN := $(wildcard widgets/*.c) $(filter-out tui/main.c,$(wildcard tui/*.c tui/panels/*.c tui/details/*.c tui/commands/*.c))
EMBEDDED := $(wildcard themes/*.theme core/service/models/*.json)
GENERATED := $(EMBEDDED:%=$B/gen/%.inc)
UNITS := $(wildcard tests/unit/*.c tests/screens/*.c)
E2E_C := $(wildcard tests/e2e/*.c)
FUZZ := $(wildcard tests/fuzz/*.c)
BENCH := $(wildcard tests/bench/*.c)
# Those of logs that tests/e2e/fuzz.sh runs.
LOG_FUZZERS := $(addprefix $B/fuzz/,record record_ways mapping captures csv)

OBJECTS := $(CORE:%.c=$B/obj/%.o) $(SCREEN:%.c=$B/obj/%.o)
SAN_OBJECTS := $(CORE:%.c=$B/san/%.o) $(SCREEN:%.c=$B/san/%.o)
TESTS := $(foreach t,$(UNITS) $(E2E_C),$B/tests/$(basename $(notdir $t)))
MAKE_LOG := $B/tests/make_log

.DEFAULT_GOAL := all
.PHONY: all demo check check-style bench fuzz asan docs install uninstall lib install-lib uninstall-lib clean help \
	tests setup setup-tests setup-bench setup-neon check-neon
.SECONDARY:
.DELETE_ON_ERROR:
$(V).SILENT:
say = @echo "  $1	$@"

all: $B/fraudtop ## build the program

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1	\2/p' Makefile | expand -t 16

setup:
	@tests/setup build
setup-tests:
	@tests/setup tests
setup-bench:
	@tests/setup bench
setup-neon:
	@tests/setup neon

demo: setup ## install what is missing, build, and run the demo
	@$(MAKE) --no-print-directory -j2 all
	@$B/fraudtop demo

check: setup-tests ## install what is missing, build, and run every test
	@$(MAKE) --no-print-directory -j2 all tests $B/san/fraudtop $B/tsan/fraudtop $(RACES) lib $(filter $B/fuzz/model_% $(LOG_FUZZERS),$(FUZZERS))
	@tests/run $B

tests: $(TESTS) $(MAKE_LOG)

check-style: ## layering, sizes, format, generated docs
	@tests/style

asan: setup-tests $(TESTS) $B/san/fraudtop ## the unit tests alone, under ASan and UBSan
	@tests/run $B unit

# The reader's tests for ARM of 64 bits, run by qemu: its vectors (NEON) against plain C. No cmocka is
# there for it, so tests/neon has its own; and of a hash no OpenSSL, which the reader has no use for.
NEON_TESTS := $(addprefix $B/neon/,record record_ways record_paths)
NEON_SOURCES := $(wildcard core/ingest/record*.c core/ingest/walk*.c) \
	$(addprefix core/ingest/,decimal.c flag.c intern.c jsonscan.c members.c outline.c rounding.c route.c) \
	core/config/flagwords.c $(addprefix core/base/,buf.c clock.c err.c hash.c mem.c rng.c text.c)
$B/neon/%: tests/unit/%.c $(NEON_SOURCES)
	@mkdir -p $(@D)
	@echo "  arm	$@"
	aarch64-linux-gnu-gcc -Itests/neon $(CPPFLAGS) -O2 -g -std=c11 -ffp-contract=off -fno-math-errno \
		$(WARNINGS) -ffunction-sections -Wl,--gc-sections -static -idirafter /usr/include \
		-idirafter /usr/include/$(shell $(CC) -dumpmachine) -MMD -MP -MF $@.d -o $@ $^ -lm
check-neon: setup-neon ## run the reader's tests for ARM, by qemu
	@$(MAKE) --no-print-directory $(NEON_TESTS)
	@for test in $(NEON_TESTS); do echo "# $$test" && qemu-aarch64 $$test || exit 1; done

# --- compiling -------------------------------------------------------------------------------------
# variant FOLDER FLAGS PROGRAM: the libraries and the program, compiled one way.
define variant
$3: $B/$1/tui/main.o $B/$1/libfraudscreen.a $B/$1/libfraudcore.a
	@echo "  link	$$@"
	$$(CC) $$(CFLAGS) $2 $$(LDFLAGS) -o $$@ $$^ $$(LIBS)
$B/$1/libfraudcore.a: $(CORE:%.c=$B/$1/%.o)
$B/$1/libfraudscreen.a: $(SCREEN:%.c=$B/$1/%.o)
$B/$1/%.o: %.c | $$(GENERATED)
	@mkdir -p $$(@D)
	@echo "  cc	$$@"
	$$(CC) $$(CPPFLAGS) $$(CFLAGS) $2 $$(WARNINGS) $$(PKG_CFLAGS) $$(TEST_CFLAGS) -c -o $$@ $$<
endef
$(eval $(call variant,obj,,$B/fraudtop))
$(eval $(call variant,san,$(SANITIZE),$B/san/fraudtop))
$(eval $(call variant,tsan,-O1 -g -fsanitize=thread,$B/tsan/fraudtop))
%.a:
	rm -f $@ && $(AR) rcs $@ $^

# A data file as the inside of a C array, for the default theme and the demo's models.
$B/gen/%.inc: %
	@mkdir -p $(@D)
	od -An -v -tx1 $< | sed 's/\([0-9a-f][0-9a-f]\)/0x\1,/g' > $@

# What a test is made of besides its own file: tests/support/NAME/*.c, and what it takes of tests/kit.
$B/san/libfraudtests.a: $(patsubst %.c,$B/san/%.o,$(wildcard tests/kit/*.c))
parts = $(patsubst %.c,$B/san/%.o,$(wildcard tests/support/$(basename $(notdir $1))/*.c))
define test_program
$B/tests/$(basename $(notdir $1)): $B/san/$(1:.c=.o) $(call parts,$1) $B/san/libfraudtests.a \
	$B/san/libfraudscreen.a $B/san/libfraudcore.a
	@mkdir -p $$(@D)
	@echo "  link	$$@"
	$$(CC) $$(CFLAGS) $$(SANITIZE) $$(LDFLAGS) -o $$@ $$^ $$(TEST_LIBS) $$(LIBS) -lutil
endef
$(foreach t,$(UNITS) $(E2E_C),$(eval $(call test_program,$t)))

# Unit tests of what has threads, once more under ThreadSanitizer (tests/e2e/threads.sh).
RACES := $B/tests/intake-threads $B/tests/batch-threads $B/tests/join_files-threads \
	$B/tests/checkpoint_opening-threads
$B/tests/intake-threads: $(addprefix $B/tsan/tests/kit/,logs.o place.o)
$B/tests/checkpoint_opening-threads: $(addprefix $B/tsan/tests/kit/,collected.o place.o)
$B/tests/batch-threads: $(patsubst %.c,$B/tsan/%.o,$(wildcard tests/support/batch/*.c))
$(RACES): $B/tests/%-threads: $B/tsan/tests/unit/%.o $B/tsan/libfraudscreen.a $B/tsan/libfraudcore.a
	@mkdir -p $(@D)
	$(call say,link)
	$(CC) $(CFLAGS) -O1 -g -fsanitize=thread $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(TEST_LIBS) $(LIBS)

# Writes the logs of benchmarks and of tests of speed, so it is not slowed down by sanitizers.
$(MAKE_LOG): $B/obj/tests/support/make_log.o $B/obj/libfraudcore.a
	@mkdir -p $(@D)
	$(call say,link)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# --- the scoring core as a library ----------------------------------------------------------------------
# One object is linked from the folder and the little of core/base it needs, and all but the public names
# made local in it: what the static library leaves out of its users' names, the shared one does by its map.
LIBDIR ?= $(PREFIX)/lib
LIB_MAP := core/fraudcore.map
LIB_HEADERS := core/base/err.h $(addprefix core/model/,model.h metadata.h explain.h reason.h)
LIB_SOURCES := $(wildcard core/model/*.c) $(addprefix core/base/,buf.c clock.c err.c hash.c jsonw.c mem.c text.c)
LIB_CFLAGS = $(filter-out -D%,$(shell pkg-config --cflags libcjson libcrypto))
LIB_LIBS = $(shell pkg-config --libs libcjson libcrypto) -lm
LIB_SO := libfraudcore.so
LIB_SONAME := $(LIB_SO).$(firstword $(subst ., ,$(VERSION)))

$B/pic/%.o: %.c
	@mkdir -p $(@D)
	$(call say,cc)
	$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -fno-semantic-interposition $(WARNINGS) $(LIB_CFLAGS) -c -o $@ $<
$B/lib/fraudcore.names: $(LIB_MAP)
	@mkdir -p $(@D)
	sed -n 's/^\t\t\([a-z_]*\);$$/\1/p' $< > $@
$B/lib/fraudcore.o: $(LIB_SOURCES:%.c=$B/pic/%.o) $B/lib/fraudcore.names
	$(CC) -r -nostdlib -o $@ $(filter %.o,$^)
	objcopy --keep-global-symbols=$B/lib/fraudcore.names $@
$B/lib/libfraudcore.a: $B/lib/fraudcore.o
$B/lib/$(LIB_SO): $B/lib/fraudcore.o $(LIB_MAP)
	$(call say,link)
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(LIB_SONAME) -Wl,--version-script=$(LIB_MAP) \
		-Wl,-Bsymbolic-functions,-z,defs,--as-needed -o $@ $< $(LIB_LIBS)
lib: $B/lib/libfraudcore.a $B/lib/$(LIB_SO)

install-lib: lib ## install libfraudcore, its headers and fraudcore.pc under PREFIX, DESTDIR honoured
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig
	install -m 644 $B/lib/libfraudcore.a $(DESTDIR)$(LIBDIR)/libfraudcore.a
	install -m 755 $B/lib/$(LIB_SO) $(DESTDIR)$(LIBDIR)/$(LIB_SO).$(VERSION)
	ln -sf $(LIB_SO).$(VERSION) $(DESTDIR)$(LIBDIR)/$(LIB_SONAME)
	ln -sf $(LIB_SONAME) $(DESTDIR)$(LIBDIR)/$(LIB_SO)
	for header in $(LIB_HEADERS); do \
		install -D -m 644 $$header $(DESTDIR)$(PREFIX)/include/fraudcore/$$header || exit 1; \
	done
	sed 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@VERSION@|$(VERSION)|' core/fraudcore.pc.in \
		> $(DESTDIR)$(LIBDIR)/pkgconfig/fraudcore.pc
uninstall-lib: ## remove what install-lib put there
	rm -f $(addprefix $(DESTDIR)$(LIBDIR)/,libfraudcore.a $(LIB_SO) $(LIB_SONAME) $(LIB_SO).$(VERSION)) \
		$(DESTDIR)$(LIBDIR)/pkgconfig/fraudcore.pc
	rm -rf $(DESTDIR)$(PREFIX)/include/fraudcore

# --- fuzzing and benchmarks ---------------------------------------------------------------------------
FUZZ_SECONDS ?= 10
FUZZERS := $(FUZZ:tests/fuzz/%.c=$B/fuzz/%)
FUZZ_FLAGS := -std=c11 -O1 -g -ffp-contract=off -pthread -MMD -MP -fsanitize=address,undefined \
	-fno-sanitize-recover=all
$B/fuzzed/libfuzzkit.a: $(patsubst %.c,$B/fuzzed/%.o,$(wildcard tests/fuzz/kit/*.c))
$B/fuzz/%: $B/fuzzed/tests/fuzz/%.o $B/fuzzed/libfuzzkit.a $(CORE:%.c=$B/fuzzed/%.o)
	@mkdir -p $(@D)
	$(call say,link)
	clang $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)
$B/fuzz/model_%: $B/fuzzed/tests/fuzz/model_%.o $B/fuzzed/libfuzzkit.a $(LIB_SOURCES:%.c=$B/fuzzed/%.o)
	@mkdir -p $(@D)
	$(call say,link)
	clang $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ $(LIB_LIBS)
$B/fuzzed/%.o: %.c | $(GENERATED)
	@mkdir -p $(@D)
	$(call say,cc)
	clang $(CPPFLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link $(PKG_CFLAGS) -c -o $@ $<
fuzz: setup-tests $(FUZZERS) ## run every fuzzer for FUZZ_SECONDS (10) each
	@tests/fuzz/run $B $(FUZZ_SECONDS)

BENCHES := $(BENCH:tests/bench/%.c=$B/bench/%)
# Those that measure beside libxgboost.
$B/bench/score $B/bench/explain: $B/obj/tests/support/xgboost_peer.o
$B/bench/score $B/bench/explain: BENCH_LIBS := $B/obj/tests/support/xgboost_peer.o -lxgboost
# Measured beside simdjson, which is C++ and picks its kernel when compiled: the best for this machine.
$B/bench/parse: $B/obj/tests/bench/simdjson_peer.o $B/obj/tests/bench/parse/shapes.o $(MAKE_LOG)
$B/bench/parse: BENCH_LIBS := $B/obj/tests/bench/simdjson_peer.o $B/obj/tests/bench/parse/shapes.o -lsimdjson -lstdc++
$B/obj/tests/bench/%.o: tests/bench/%.cpp
	@mkdir -p $(@D)
	$(call say,c++)
	$(CXX) -O3 -march=native -std=c++17 -c -o $@ $<
$B/bench/%: $B/obj/tests/bench/%.o $B/obj/libfraudcore.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %/$(@F).o %.a,$^) $(BENCH_LIBS) $(LIBS)
bench: setup-bench all $(BENCHES) $(MAKE_LOG) ## measure speed and memory, as ratios
	@tests/bench/run $B

docs: $B/fraudtop ## write the generated parts of the man page and docs/ again
	@tests/docs $B/fraudtop

# --- installing ---------------------------------------------------------------------------------------
install: all ## install under PREFIX (/usr/local), DESTDIR honoured
	install -D -m 755 $B/fraudtop $(DESTDIR)$(PREFIX)/bin/fraudtop
	install -D -m 644 fraudtop.1 $(DESTDIR)$(PREFIX)/share/man/man1/fraudtop.1
	install -d $(DESTDIR)$(PREFIX)/share/fraudtop/themes
	install -m 644 themes/*.theme $(DESTDIR)$(PREFIX)/share/fraudtop/themes
uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/fraudtop $(DESTDIR)$(PREFIX)/share/man/man1/fraudtop.1
	rm -rf $(DESTDIR)$(PREFIX)/share/fraudtop

clean: ## remove build products
	rm -rf $B

-include $(shell find $B -type f -name '*.d' 2>/dev/null)
