# The app with everything it needs; no build tool, no package cache and no root in the final image.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
RUN python -m venv /opt/kaunter
COPY requirements.lock ./
RUN /opt/kaunter/bin/pip install -q --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY app ./app
COPY prompts ./prompts
COPY policies ./policies
COPY scenarios ./scenarios
RUN /opt/kaunter/bin/pip install -q --no-deps .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin kaunter \
    && install -d -o kaunter -g kaunter /data
COPY --from=build /opt/kaunter /opt/kaunter
ENV PATH=/opt/kaunter/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    KAUNTER_DATA_DIR=/data \
    KAUNTER_HOST=0.0.0.0
USER kaunter
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["kaunter", "serve"]
