# syntax=docker/dockerfile:1
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
# Tools of this stage alone: what makes the wheel, and what writes the bill of materials.
COPY deploy/image/tools.lock ./
RUN python -m venv /tools \
    && /tools/bin/pip install --require-hashes --only-binary :all: -r tools.lock
# The dependencies by hash: they change seldom, and this layer with them.
# LOCK=requirements-otel.lock has what makes spans for OpenTelemetry besides.
ARG LOCK=requirements.lock
COPY requirements.lock requirements-otel.lock ./
RUN python -m venv --without-pip /venv \
    && /tools/bin/pip --python /venv install --require-hashes --only-binary :all: -r "$LOCK"
# The package from its wheel, so that the command is the entry that pyproject.toml declares.
COPY LICENSE README.md pyproject.toml ./
COPY service service
RUN /tools/bin/pip wheel --no-deps --no-index --no-build-isolation --wheel-dir wheel . \
    && /tools/bin/pip --python /venv install --no-deps --no-index --find-links wheel tweet-embed \
    && install -d /venv/share/sbom \
    && /tools/bin/cyclonedx-py environment --output-reproducible \
        --output-file /venv/share/sbom/tweet-embed.cdx.json /venv

FROM python:3.13-slim
ARG SOURCE=""
ARG REVISION=""
LABEL org.opencontainers.image.title="tweet-embed" \
      org.opencontainers.image.description="An article in, the same article with its tweets whole, out." \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.source="$SOURCE" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.base.name="docker.io/library/python:3.13-slim"
# Nothing is installed from here on. The user is a number, so that an orchestrator can see that it is not root.
RUN rm -rf /usr/local/bin/pip* /usr/local/lib/python3.13/site-packages/pip* /usr/local/lib/python3.13/ensurepip \
    && install -d -o 65532 -g 65532 /data
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SOURCE_COMMIT="$REVISION" \
    TWEET_EMBED_HOST=0.0.0.0 \
    TWEET_EMBED_PORT=8080 \
    TWEET_EMBED_CACHE_PATH=/data/cache.sqlite
USER 65532:65532
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 CMD ["tweet-embed", "healthcheck"]
ENTRYPOINT ["tweet-embed"]
CMD ["serve"]
