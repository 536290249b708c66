# python-processor as a container; `make image` builds it. All stages have one base, so that the virtual environment's Python is where it was.
ARG BASE_IMAGE=python:3.11-slim

FROM ${BASE_IMAGE} AS packages
COPY requirements.lock /tmp/
# Exactly the packages of the lock, none compiled here; without pip, which only the build needs.
# Bytecode is made now: the image starts faster, and nothing can write it later.
RUN python -m venv --without-pip /opt/venv \
 && python -m pip --python /opt/venv/bin/python install --no-cache-dir --no-compile --only-binary=:all: --no-deps --require-hashes -r /tmp/requirements.lock \
 && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/venv/lib

FROM ${BASE_IMAGE} AS code
WORKDIR /opt/python-processor
COPY dataflow.py bootstrap.py text.py ./
COPY actuator actuator/
COPY catalog catalog/
COPY config config/
COPY connectors connectors/
COPY dead_letters dead_letters/
COPY formats formats/
COPY functions functions/
COPY python_processor python_processor/
COPY runtime runtime/
# This bytecode is checked against its source: a mount may put another file, say the user's own function, in the place of one of ours.
# Modes are those of a fresh checkout, whatever the builder's umask.
RUN python -m compileall -q --invalidation-mode checked-hash . \
 && chmod -R u=rwX,go=rX .

FROM ${BASE_IMAGE} AS processor
COPY --from=packages /opt/venv /opt/venv
COPY --from=code /opt/python-processor /opt/python-processor
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/opt/python-processor \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RUST_BACKTRACE=0
# Not the code's folder: Data Flow mounts settings on /config, which must not hide our package of that name.
WORKDIR /
# A number, so that Kubernetes can see that it is not root.
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["python", "-m", "actuator.healthcheck"]
# Exec form and no CMD: Data Flow's --key=value arguments reach the program as they are, and SIGTERM reaches it as process 1.
# env becomes python (same process) with the stop signals blocked, so that the kernel keeps one that comes before there is a handler.
ENTRYPOINT ["env", "--block-signal=TERM,INT", "python", "/opt/python-processor/dataflow.py"]
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="python-processor" \
      org.opencontainers.image.description="A Spring Cloud Data Flow stream processor in Python: a Bytewax dataflow between two Kafka topics" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# `make image FUNCTION=module:name` ends here. An image for any function has no such variable: an empty one is a mistake at run time.
FROM processor AS with-function
ARG FUNCTION=
ENV FUNCTION=${FUNCTION}

FROM processor
