"""The Celery application: `celery -A workers.app worker -Q analyse`."""

from workers.base import detente

app = detente().celery
app.conf.update(imports=("workers.tasks", "workers.schedule", "workers.lifecycle"))
