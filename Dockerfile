# syntax=docker/dockerfile:1
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
WORKDIR /src
# The dependencies first, by hash: they change seldom, and this layer with them.
COPY requirements.lock ./
RUN /venv/bin/pip install --require-hashes --only-binary :all: -r requirements.lock
# The package is plain files: copied, so that nothing is downloaded to build it that has no hash.
COPY service /venv/lib/python3.13/site-packages/service
RUN printf '#!/venv/bin/python\nfrom service.cli import main\n\nmain()\n' > /venv/bin/tweet-embed \
    && chmod 0755 /venv/bin/tweet-embed \
    && /venv/bin/python -m compileall -q /venv/lib \
    && /venv/bin/pip uninstall -q -y pip

FROM python:3.13-slim
LABEL org.opencontainers.image.title="tweet-embed" \
      org.opencontainers.image.description="An article in, the same article with its tweets whole, out." \
      org.opencontainers.image.licenses="MIT"
# A number, so that an orchestrator can see that it is not root.
RUN install -d -o 65532 -g 65532 /data
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
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
