# make start    build everything and run the sample application on port 8080
# make test     build everything, install it and run every test on what was installed
# make build    build hero into .build-stage
# make install  copy hero, the SDK and Swift's runtime libraries below PREFIX
# make sanitize run tests under the sanitizers, and those with processes on a host that checks accesses; takes hours
# make bench    measure against nginx and a bare SwiftNIO server, print a table; make bench-tasks: against Sidekiq
# make soak     send two million requests of all kinds to the sample application, and look at its memory
# make docs     build the SDK's documentation into .build-docs
# make format   format the sources

PREFIX ?= /usr/local
SCRATCH := .build-release
STAGE := .build-stage
# What the tests start: an installed tree, moved once.
INSTALLED := .build-installed
HERO := $(STAGE)/bin/hero

# What a build needs, and what the tests and benchmarks start in addition.
BUILD_PACKAGES := libssl-dev libyaml-dev libffi-dev zlib1g-dev libhiredis-dev libre2-dev redis-server pkg-config
TEST_PACKAGES := $(BUILD_PACKAGES) chromium curl git libsqlite3-dev logrotate nghttp2-client nginx openssl python3-redis sslscan
BENCH_PACKAGES := $(BUILD_PACKAGES) nghttp2-client nginx openssl wrk

SWIFT_USR = $(shell dirname "$$(dirname "$$(readlink -f "$$(command -v swiftc)")")")

.PHONY: start test sanitize sanitize-thread sanitize-address build stage install install-tree installed bench bench-tasks redis-bench soak docs format lint packages clean

start: build
	$(HERO) build
	$(HERO) start

build: packages stage

packages:
	@command -v swiftc >/dev/null || { echo "Swift 6.3 is needed: https://www.swift.org/install"; exit 1; }
	@.ci/install-packages $(BUILD_PACKAGES)

# Functions of one module may be built into another, SwiftNIO's into ours above all, and accesses are checked in debug
# builds, which the tests are: together a twentieth less processor time per request. Of what is for debuggers only names
# stay: the runtime reads all of it before it writes the backtrace of a worker, two seconds against a fiftieth.
EXCLUSIVITY := unchecked
RELEASE_FLAGS := -Xswiftc -cross-module-optimization -Xswiftc -enforce-exclusivity=$(EXCLUSIVITY) -debug-info-format none

# What bundles are compiled against: declarations only. The module that hero itself is built with also has the insides
# of the SDK, which the host is optimised with and which are nobody else's.
SDK_MODULE_FLAGS := -module-name ActionHero -parse-as-library -enable-library-evolution -swift-version 6 -O \
  -whole-module-optimization -package-name actionhero -experimental-skip-non-inlinable-function-bodies \
  -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
  -enable-upcoming-feature MemberImportVisibility -avoid-emit-module-source-info -Xfrontend -empty-abi-descriptor \
  -I Sources/CExpressions/include
SDK_MODULE := $(STAGE)/lib/hero/sdk/ActionHero.swiftmodule
SDK_SOURCES := $(shell find Sources/ActionHero -name '*.swift')

$(SDK_MODULE): $(SDK_SOURCES) $(shell command -v swiftc) Makefile
	@mkdir -p $(dir $@)
	@swiftc -emit-module -emit-module-path $@ $(SDK_MODULE_FLAGS) $(SDK_SOURCES)
	@rm -f $(dir $@)ActionHero.abi.json
	@touch $@

# A tree like the installed one, with Swift's runtime libraries linked from the toolchain instead of copied.
stage: $(SDK_MODULE)
	swift build -c release --scratch-path $(SCRATCH) --product hero $(RELEASE_FLAGS)
	@mkdir -p $(STAGE)/bin $(STAGE)/lib/hero/sdk $(STAGE)/lib/swift $(STAGE)/share/hero
	@ln -sfn $(SWIFT_USR)/lib/swift/linux $(STAGE)/lib/swift/linux
	@mkdir -p $(STAGE)/libexec/swift
	@ln -sfn $(SWIFT_USR)/libexec/swift/linux $(STAGE)/libexec/swift/linux
	@cp $(SCRATCH)/release/Modules/ActionHero.swiftinterface Sources/CHero/include/hero_bundle.h $(STAGE)/lib/hero/sdk/
	@cp $(SCRATCH)/release/hero $(HERO).new
	@mv $(HERO).new $(HERO)
	@$(HERO) bundle stamp --host $(HERO)
	@rm -rf $(STAGE)/share/hero/templates
	@cp -r Sources/hero/Templates $(STAGE)/share/hero/templates
	@mkdir -p $(STAGE)/share/hero/templates/project/actions $(STAGE)/share/hero/templates/project/public
	@cp -r config $(STAGE)/share/hero/templates/project/config
	@sed -i 's/my_actionhero_project/%%projectName%%/' $(STAGE)/share/hero/templates/project/config/api.yml
	@cp actions/status.swift actions/statusTests.swift actions/randomNumber.swift $(STAGE)/share/hero/templates/project/actions/
	@cp public/index.html $(STAGE)/share/hero/templates/project/public/

# Swift's libraries that hero and bundles use. Foundation with its ICU data is 62 MB and left out unless FOUNDATION=full:
# bundles should import FoundationEssentials.
RUNTIME := libswift*.so libdispatch.so libBlocksRuntime.so libFoundationEssentials.so
ifeq ($(FOUNDATION),full)
RUNTIME += libFoundation*.so lib_FoundationICU.so
endif

install: build
	@$(MAKE) --no-print-directory install-tree

# Copies what has been built; PREFIX may be anything, the tree finds its parts from where it lies. The compiler need not be
# in PATH, as under sudo: what was built links to its libraries.
install-tree:
	@mkdir -p $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/hero $(DESTDIR)$(PREFIX)/lib/swift/linux $(DESTDIR)$(PREFIX)/share/hero \
	  $(DESTDIR)$(PREFIX)/libexec/swift/linux
	cp $(HERO) $(DESTDIR)$(PREFIX)/bin/hero.new
	mv $(DESTDIR)$(PREFIX)/bin/hero.new $(DESTDIR)$(PREFIX)/bin/hero
	cp -r $(STAGE)/lib/hero/sdk $(DESTDIR)$(PREFIX)/lib/hero/
	cp -r $(STAGE)/share/hero/templates $(DESTDIR)$(PREFIX)/share/hero/
	cd $(STAGE)/lib/swift/linux/ && cp $(RUNTIME) $(abspath $(DESTDIR)$(PREFIX))/lib/swift/linux/
# Swift's runtime looks for it there when a process crashes; its libraries are those above.
	cp $(STAGE)/libexec/swift/linux/swift-backtrace $(DESTDIR)$(PREFIX)/libexec/swift/linux/

# What people use is tested, not what was built: an installed tree that has been moved. Whoever may hide the directories
# that it was built in does so, lest something of them is used.
installed: build
	@rm -rf $(INSTALLED) $(INSTALLED).first
	@$(MAKE) --no-print-directory install-tree PREFIX=$(abspath $(INSTALLED)).first
	@mv $(INSTALLED).first $(INSTALLED)

# Most tests wait for processes. What breaks sets of Redis servers comes last and alone: it has limits of time, as those
# servers do. All take five minutes; what waits for something that does not happen is ended, and named.
TEST_FLAGS := --parallel --experimental-maximum-parallelization-width 8
test: lint installed
	@.ci/install-packages $(TEST_PACKAGES)
	@mkdir -p .build
	@HERO_TEST_STAGE=$(abspath $(INSTALLED)) .ci/without $(STAGE) $(SCRATCH) -- bash -o pipefail -c '{ swift build --build-tests && \
	  timeout --foreground -k 30 -s INT 1500 swift test --skip-build $(TEST_FLAGS) --skip TopologyTests && \
	  timeout --foreground -k 30 -s INT 900 swift test --skip-build --no-parallel --filter TopologyTests; } 2>&1 | tee .build/tests.log' || { \
	  echo; echo "What failed, out of .build/tests.log:"; \
	  awk -f Tests/summary.awk .build/tests.log; exit 1; }

# What tests in one process do not see: overlapping accesses of the host as it is optimised, and races and memory errors in
# what the tests link. Sets of Redis servers are left out of the latter: their limits of time are not made for it.
#
# Each build stands apart from the others. Without an address space that is laid out at random: the thread sanitizer has fixed
# places for its own memory.
SANITIZED_TESTS := HeroSystemTests,HeroLogTests,HeroConfigurationTests,HeroRuntimeTests,HeroSharedTests,HeroRedisTests,HeroServersTests,HeroTLSTests,HeroTasksTests
SANITIZED_FLAGS := --parallel --experimental-maximum-parallelization-width 4 --skip TopologyTests
CHECKED := .build-checked
sanitize: packages
	@.ci/install-packages $(TEST_PACKAGES)
	@HERO_EXCLUSIVITY=checked $(MAKE) --no-print-directory installed EXCLUSIVITY=checked SCRATCH=$(CHECKED) \
	  STAGE=$(CHECKED)-stage INSTALLED=$(CHECKED)-installed
	@HERO_TEST_STAGE=$(abspath $(CHECKED)-installed) .ci/without $(CHECKED)-stage $(CHECKED) -- bash -c 'swift build --build-tests && \
	  timeout --foreground -k 30 -s INT 3600 swift test --skip-build $(TEST_FLAGS) --filter "HostTests|ConformanceTests"'
	@$(MAKE) --no-print-directory sanitize-thread sanitize-address

# A report of either ends the process, and so the run, with a status of its own. Sources/CHero/thread_sanitizer.c tells it about
# Swift's locks.
sanitize-thread:
	@HERO_TEST_TARGETS=$(SANITIZED_TESTS) swift build --build-tests --sanitize thread --scratch-path .build-thread
	@HERO_TEST_TARGETS=$(SANITIZED_TESTS) TSAN_OPTIONS="halt_on_error=1 exitcode=66" \
	  timeout --foreground -k 30 -s INT 7200 $(FIXED_ADDRESSES) swift test --skip-build --sanitize thread --scratch-path .build-thread $(SANITIZED_FLAGS)

sanitize-address:
	@HERO_TEST_TARGETS=$(SANITIZED_TESTS) swift build --build-tests --sanitize address --scratch-path .build-address
	@HERO_TEST_TARGETS=$(SANITIZED_TESTS) ASAN_OPTIONS="halt_on_error=1 exitcode=67 detect_leaks=0" \
	  timeout --foreground -k 30 -s INT 7200 swift test --skip-build --sanitize address --scratch-path .build-address $(SANITIZED_FLAGS)

FIXED_ADDRESSES = $(shell setarch $$(uname -m) -R true 2>/dev/null && echo setarch $$(uname -m) -R)

bench: build
	@.ci/install-packages $(BENCH_PACKAGES)
	bench/run

bench-tasks: build
	@.ci/install-packages $(BENCH_PACKAGES) ruby-sidekiq
	bench/tasks

soak: build
	@.ci/install-packages $(BENCH_PACKAGES)
	bench/soak

# With the flags of the host: with others it would measure other code, and all would be built again after it.
redis-bench:
	@swift build -c release --scratch-path $(SCRATCH) --product RedisBench $(RELEASE_FLAGS)

# The toolchain's own docc on the built module: a package plugin would be one more dependency of every build.
docs: build
	@rm -rf .build-docs && mkdir -p .build-docs/symbols
	swift symbolgraph-extract -module-name ActionHero -I $(STAGE)/lib/hero/sdk -target $$(uname -m)-unknown-linux-gnu \
	  -minimum-access-level public -skip-synthesized-members -output-dir .build-docs/symbols
	docc convert Sources/ActionHero/ActionHero.docc --additional-symbol-graph-dir .build-docs/symbols \
	  --fallback-display-name ActionHero --fallback-bundle-identifier ActionHero --warnings-as-errors \
	  --transform-for-static-hosting --output-path .build-docs/ActionHero.doccarchive
	@echo "documentation: .build-docs/ActionHero.doccarchive, for any web server to show"

format:
	swift format --in-place --parallel --recursive Package.swift Sources Tests actions initializers middleware bench

lint:
	swift format lint --strict --parallel --recursive Package.swift Sources Tests actions initializers middleware bench

clean:
	rm -rf .build .build-release .build-stage .build-installed .build-docs .build-plugin tmp \
	  $(CHECKED) $(CHECKED)-stage $(CHECKED)-installed .build-thread .build-address
