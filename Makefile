# The developer's whole interface: `make help`. Each target sets up what it needs and is quick the second time.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
# The first interpreter that runs and is 3.11 or 3.12: Bytewax 0.21.1 has no wheels for others.
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))
PYTHON ?= $(shell for p in python3.12 python3.11 python3 python; do \
	$$p -c '$(SUPPORTED)' >/dev/null 2>&1 && { echo $$p; break; }; done)
# Fails for an environment that was half made, or whose interpreter has gone or is another one now.
environment_works = $(BIN)/python -c 'import pip; $(SUPPORTED)' 2>/dev/null

# The tests start some 450 processes: what they have compiled is kept, whatever the environment says.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: docs help run test test-unit test-one test-faults soak test-scdf test-kubernetes test-ops image sbom test-image structure audit check format bench bench-network bench-scaling bench-hotpath bench-functions bench-async bench-instructions bench-text bench-docs lock clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 17

run: $(VENV)/ready ## http | python-processor | log on this machine, with an embedded broker; then open http://localhost:32123
	@$(BIN)/python -m local $(ARGS)

# Spring's own programs, for tests/compatibility.
SPRING = .kafka/oracle-3.5/ready .kafka/oracle-4.1/ready .kafka/spring-3.5/ready .kafka/spring-4.1/ready
test: $(VENV)/ready-dev .kafka/libs/ready $(SPRING) .kafka/kubernetes-schemas/ready ## all tests: unit, beside Spring's own programs, and on a real Apache Kafka; JOBS at a time
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)
JOBS ?= 3

test-unit: $(VENV)/ready-dev ## the fast tests only: no Java, no broker
	$(BIN)/python -m pytest tests/unit tests/component $(ARGS)

test-one: $(VENV)/ready-dev $(if $(filter tests/unit% tests/component% functions/%,$(T)),,.kafka/libs/ready) $(if $(filter tests/compatibility%,$(T)),$(SPRING)) ## one test, file or folder: make test-one T=tests/unit/test_text.py
	@test -n "$(T)" || { echo "make test-one: name the test, T=tests/unit/test_text.py" >&2; exit 1; }
	$(BIN)/python -m pytest $(T) $(ARGS)

test-faults: $(VENV)/ready-dev .kafka/libs/ready ## every fault an operator meets, in both modes and all protocols; those of brokers on three nodes
	$(BIN)/python -m pytest tests/guarantees $(ARGS)

soak: $(VENV)/ready-dev .kafka/libs/ready ## as root: every fault in both modes and all protocols, then half an hour of mixed ones (ARGS="--minutes 60 --seed 7")
	$(BIN)/python -m pytest tests/guarantees -m "long or not long"
	$(BIN)/python -m tests.guarantees.soak $(ARGS)

test-scdf: $(VENV)/ready-dev .kafka/libs/ready ## the stream on a real Data Flow (with IMAGE=localhost/...: as that image), and beside Java processors; needs the rig (SCDF_RIG, default ../shared/scdf-rig)
	@test -f "$(SCDF_RIG)/scdf_rig.py" || { echo "make test-scdf: no Data Flow rig in $(SCDF_RIG); set SCDF_RIG=<folder with scdf_rig.py>" >&2; exit 1; }
	SCDF_RIG="$(SCDF_RIG)" $(BIN)/python -m pytest tests/system/scdf $(ARGS)
SCDF_RIG ?= ../shared/scdf-rig

test-kubernetes: $(VENV)/ready-dev .kafka/libs/ready ## as root: the image on a real Kubernetes with Data Flow, after `make image`; needs the rig (K8S_RIG, default ../shared/k8s-rig) and its builds (K8S_LAB)
	$(call need_engine)
	@test -f "$(K8S_RIG)/up.sh" || { echo "make test-kubernetes: no Kubernetes rig in $(K8S_RIG); set K8S_RIG=<folder with up.sh>" >&2; exit 1; }
	@test -x "$(K8S_LAB)/bin/kubelet" || { echo "make test-kubernetes: no binaries in $(K8S_LAB)/bin; set K8S_LAB=<folder that build.sh of the rig has filled>" >&2; exit 1; }
	@test -f "$(SCDF_RIG)/scdf_rig.py" || { echo "make test-kubernetes: no Data Flow rig in $(SCDF_RIG); set SCDF_RIG=<folder with scdf_rig.py>" >&2; exit 1; }
	@$(ENGINE) image inspect $(IMAGE) >/dev/null 2>&1 || { echo "make test-kubernetes: there is no image $(IMAGE); make image builds it" >&2; exit 1; }
	K8S_RIG="$(K8S_RIG)" K8S_LAB="$(K8S_LAB)" SCDF_RIG="$(SCDF_RIG)" ENGINE="$(ENGINE)" IMAGE="$(IMAGE)" $(BIN)/python -m pytest tests/system/kubernetes $(ARGS)
K8S_RIG ?= ../shared/k8s-rig
K8S_LAB ?= ../k8s-lab

test-ops: $(VENV)/ready-dev .kafka/libs/ready .kafka/boot-admin-3.5/ready .kafka/boot-admin-4.1/ready ## Prometheus with Data Flow's dashboards; Spring Boot Admin and the page of make run in a browser
	@for each in prometheus chromium; do command -v $$each >/dev/null || \
		{ echo "make test-ops: needs the program $$each on PATH (Debian: apt-get install $$each)" >&2; exit 1; }; done
	$(BIN)/python -m pytest tests/system/ops $(ARGS)

# The container engine, podman or docker; BUILD_FLAGS is for what only this machine needs, such as its certificate authority.
ENGINE ?= $(shell command -v podman || command -v docker)
VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
REVISION = $(shell git describe --always --abbrev=40 --dirty 2>/dev/null || echo unknown)
IMAGE ?= python-processor:$(VERSION)
BASE_IMAGE ?= python:3.11-slim
# Podman's own format drops HEALTHCHECK; a fixed time makes two builds of one state the same, layer by layer. Docker's own attestations
# would make an image index, whose labels Data Flow does not read.
BUILD := $(if $(findstring podman,$(ENGINE)),$(ENGINE) build --format docker --timestamp 0,BUILDX_NO_DEFAULT_ATTESTATIONS=1 $(ENGINE) build)

image: $(VENV)/ready ## build the container image; set FUNCTION=module:name for one of your own, IMAGE, BASE_IMAGE, BUILD_FLAGS, ENGINE where the defaults do not fit
	$(call need_engine)
	set -o pipefail; metadata=$$($(BIN)/python -m config.reference metadata $(if $(FUNCTION),--function=$(FUNCTION))) && \
	$(BUILD) -t $(IMAGE) --build-arg BASE_IMAGE=$(BASE_IMAGE) --build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) \
		$(if $(FUNCTION),--target with-function --build-arg FUNCTION=$(FUNCTION)) \
		--label "org.springframework.cloud.dataflow.spring-configuration-metadata.json=$$metadata" $(BUILD_FLAGS) . 2>&1 | cut -c -200

# The tools look at installed packages, so those of the image are laid into an empty environment.
sbom: $(VENV)/ready-dev ## of the image that is there: its bill of materials, build/sbom.json (CycloneDX), and build/licences.txt
	$(call need_engine)
	rm -rf build && $(BIN)/python -m venv --without-pip build/venv
	container=$$($(ENGINE) create $(IMAGE)) && { $(ENGINE) cp $$container:/opt/venv/lib build/; $(ENGINE) rm $$container; }
	mv build/lib/python3.*/site-packages/* build/venv/lib/python3.*/site-packages/
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible -o build/sbom.json build/venv
	$(BIN)/pip-licenses --python build/venv/bin/python --with-urls --with-license-file --no-license-path --format plain-vertical \
		--output-file build/licences.txt
	rm -r build/venv build/lib

test-image: $(VENV)/ready-dev .kafka/libs/ready ## the image as process 1 of a locked-down container, on a real Apache Kafka; after `make image`
	$(call need_engine)
	@$(ENGINE) image inspect $(IMAGE) >/dev/null 2>&1 || { echo "make test-image: there is no image $(IMAGE); make image builds it" >&2; exit 1; }
	@$(MAKE) --no-print-directory structure sbom
	ENGINE="$(ENGINE)" IMAGE="$(IMAGE)" $(BIN)/python -m pytest tests/system/image $(ARGS)

structure: $(VENV)/ready-dev ## of the image that is there: entry point, user, port, environment, labels
	$(call need_engine)
	@mkdir -p build && rm -f build/image.tar
	$(ENGINE) save --output build/image.tar $(IMAGE)
	HOME=$(CURDIR)/build $(BIN)/container-structure-test test --driver tar --image build/image.tar --config tests/system/image/structure.yaml
	@rm build/image.tar

# Apart from `check`: news from elsewhere must not turn this project's build red. Strict: a package nobody can tell about is a failure.
audit: $(VENV)/ready-dev ## known vulnerabilities of the packages in the image; asks PyPI
	$(BIN)/pip-audit --strict --require-hashes --disable-pip --progress-spinner off -r requirements.lock

check: $(VENV)/ready-dev ## lint, format, types, import arrows; the structure of the image, where there is one
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/hadolint Dockerfile
	@if [ -n "$(ENGINE)" ] && $(ENGINE) image inspect $(IMAGE) >/dev/null 2>&1; then $(MAKE) --no-print-directory structure; \
	else echo "make check: no image $(IMAGE) here to check the structure of; make image builds it"; fi

format: $(VENV)/ready-dev ## rewrite the code in the one format
	$(BIN)/ruff check --fix-only --exit-zero .
	$(BIN)/ruff format .

# Peers that this machine cannot have are left out, and the benchmark says so: the Spring app comes from the rig, the C loop needs a compiler.
PEERS = .bench/venv/ready .bench/streams/ready $(if $(shell command -v gcc),.bench/c_loop) \
	$(if $(wildcard $(SCDF_RIG)/jars/transform-processor.jar),.bench/spring/ready)

bench: $(VENV)/ready-dev .kafka/libs/ready $(PEERS) ## all peers side by side on a real Kafka, an hour on an idle machine; ARGS=--quick: does everything run?
	$(BIN)/python -m benchmarks $(ARGS)

bench-network: $(VENV)/ready-dev .kafka/libs/ready $(PEERS) ## the best loops and this processor over a network with a round trip; see benchmarks/README.md
	$(BIN)/python -m benchmarks.network $(ARGS)

bench-scaling: $(VENV)/ready-dev .kafka/libs/ready ## what records, headers, partitions and processes cost: the figures of docs/performance.md
	$(BIN)/python -m benchmarks.scaling $(ARGS)

bench-hotpath: $(VENV)/ready-dev ## where the time of a record goes in Python, step by step; no broker
	$(BIN)/python -m benchmarks.hotpath

bench-instructions: $(VENV)/ready-dev ## instructions of a record beside the bare loops, counted by callgrind (needs valgrind); load does not change them; no broker
	$(BIN)/python -m benchmarks.instructions $(ARGS)

bench-functions: $(VENV)/ready-dev ## what each kind of function costs beside a loop by hand, and how async calls overlap; no broker
	$(BIN)/python -m benchmarks.functions $(ARGS)

bench-async: $(VENV)/ready-dev .kafka/libs/ready .bench/venv/ready .bench/parallel/ready ## functions that wait 20 ms for each record, on a real Kafka, beside Quix Streams and Confluent's parallel consumer
	$(BIN)/python -m benchmarks.async_calls $(ARGS)

bench-text: $(VENV)/ready-dev ## reversing 1 MB of each kind of text, and 200,000 random texts beside plain \X (ARGS="--texts 1000 --seed 7"); no broker
	$(BIN)/python -m benchmarks.graphemes $(ARGS)

bench-docs: $(VENV)/ready-dev ## the figures of docs/performance.md and README.md, from the newest kept results
	$(BIN)/python -m benchmarks.reporting.docs

docs: $(VENV)/ready-dev ## write the generated pages and tables again
	$(BIN)/python -m config.reference write
	$(BIN)/python -m actuator.metric_docs > docs/metrics.md
	$(BIN)/python -m tests.unit.connectors.errors.outcomes > docs/errors.md

lock: ## pin every package with hashes, after a change of requirements*.txt
	$(call need_python)
	$(PYTHON) -m venv --clear $(VENV)/lock && $(VENV)/lock/bin/pip -q install uv==0.13.9
	for f in requirements requirements-dev benchmarks/requirements; do $(VENV)/lock/bin/uv -q pip compile --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --custom-compile-command 'make lock' -o $$f.lock $$f.txt; done

clean: ## remove what make made
	rm -rf $(VENV) .kafka .bench build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

define need_python
	@test -n "$(PYTHON)" && $(PYTHON) -c '$(SUPPORTED)' || { echo "make: needs Python 3.11 or 3.12 on PATH (Bytewax has no wheels for others); or set PYTHON=/path/to/python3.12" >&2; exit 1; }
endef

define need_engine
	@test -n "$(ENGINE)" || { echo "make: needs podman or docker on PATH; or set ENGINE=/path/to/one" >&2; exit 1; }
endef

define fetch_jars
	@command -v mvn >/dev/null || { echo "make: the jars of $(1) are fetched by Maven: mvn must be on PATH" >&2; exit 1; }
	@echo "fetching $(1) into $(@D)"
	@rm -rf $(@D)
	@mvn -B -q -ntp -f $< dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/$(@D) -DincludeScope=runtime
	@touch $@
endef

define install
	$(call need_python)
	@echo "installing $(1) into $(VENV) ($(PYTHON)); the first time takes a minute or two"
	@$(environment_works) || $(PYTHON) -m venv --clear $(VENV)
	@set -o pipefail; $(BIN)/python -m pip --disable-pip-version-check install --progress-bar off --require-hashes -r $(1) | awk -v all=$$(grep -c == $(1)) \
		'/^(Collecting|Requirement already)/ { n++; sub(/^(Collecting|Requirement already satisfied:) /, ""); print "  " n " of " all ": " $$1; fflush() } \
		/^Installing/ { print "  unpacking all of them"; fflush() }'
	@touch $@
endef

# With it among the prerequisites, a target is made again.
.PHONY: broken
broken:
built_again = $(if $(wildcard $(VENV)/ready*),$(shell $(environment_works) || echo broken))

$(VENV)/ready: requirements.lock $(built_again)
	$(call install,requirements.lock)

$(VENV)/ready-dev: requirements-dev.lock $(built_again)
	$(call install,requirements-dev.lock)
	@touch $(VENV)/ready

.kafka/libs/ready: tests/support/brokers/kafka-pom.xml | $(VENV)/ready-dev
	@command -v java >/dev/null || { echo "make: the tests start a real Apache Kafka, which needs Java 17 or later on PATH" >&2; exit 1; }
	@command -v mvn >/dev/null || { echo "make: Apache Kafka's jars are fetched by Maven: mvn must be on PATH" >&2; exit 1; }
	@echo "fetching Apache Kafka into .kafka/libs"
	@mvn -B -q -ntp -f $< dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/.kafka/libs -DincludeScope=runtime
	@$(BIN)/python -m tests.support.brokers.classes
	@touch $@

.kafka/oracle-%/ready: tests/compatibility/oracle/pom-%.xml
	$(call fetch_jars,Spring Boot $*)

.kafka/spring-%/ready: tests/compatibility/spring/pom-%.xml
	$(call fetch_jars,Spring Cloud Stream for Spring Boot $*)

.kafka/boot-admin-%/ready: tests/system/ops/pom-%.xml
	$(call fetch_jars,Spring Boot Admin $*)

.kafka/kubernetes-schemas/ready: tests/system/deploy/schemas.lock | $(VENV)/ready-dev
	@echo "fetching the schemas of older Kubernetes versions into $(@D)"
	@rm -rf $(@D)
	@$(BIN)/pip -q --disable-pip-version-check install --no-deps --only-binary :all: --require-hashes --target $(@D) -r $<
	@touch $@

.bench/venv/ready: benchmarks/requirements.lock
	@echo "installing the benchmark's peers into .bench/venv"
	@$(PYTHON) -m venv --clear .bench/venv && .bench/venv/bin/pip -q --disable-pip-version-check install --require-hashes -r $<
	@touch $@

.bench/streams/ready: benchmarks/peers/streams/pom.xml benchmarks/peers/streams/ReverseStream.java
	@echo "fetching Kafka Streams into .bench/streams"
	@mvn -B -q -ntp -f $< dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/.bench/streams -DincludeScope=runtime
	@javac -d .bench/streams -cp '.bench/streams/*' benchmarks/peers/streams/ReverseStream.java
	@touch $@

.bench/parallel/ready: benchmarks/peers/parallel/pom.xml benchmarks/peers/parallel/ParallelReverse.java
	@echo "fetching Confluent's parallel consumer into .bench/parallel"
	@mvn -B -q -ntp -f $< dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/.bench/parallel -DincludeScope=runtime
	@javac -d .bench/parallel -cp '.bench/parallel/*' benchmarks/peers/parallel/ParallelReverse.java
	@touch $@

# Linked to the library inside the wheel, so that Python and C have the same one.
.bench/c_loop: benchmarks/peers/loop.c $(VENV)/ready-dev
	@mkdir -p .bench
	@library=$$(echo $(CURDIR)/$(VENV)/lib/python3.*/site-packages/confluent_kafka.libs/librdkafka-*) && \
		gcc -O2 -Wall -Wextra -o $@ $< $$library -Wl,-rpath,$${library%/*}

.bench/spring/ready: $(SCDF_RIG)/poms/transform-processor.xml
	@echo "fetching the Spring transform app into .bench/spring"
	@mvn -B -q -ntp -s $(SCDF_RIG)/poms/settings.xml -f $< -Drig.libs=$(CURDIR)/.bench/spring dependency:copy-dependencies
	@cp $(SCDF_RIG)/jars/transform-processor.jar .bench/spring/
	@touch $@
