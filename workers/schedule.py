"""What beat sends: two static ticks. Due work is found in the database, so a second beat does no harm."""

from service.adapters.queue.celery_queue import task_name
from service.flow import Task
from workers.app import app
from workers.base import detente

settings = detente().settings
app.conf.beat_schedule = {
    "sweep": {
        "task": "detente.sweep",
        "schedule": settings.tick,
        "options": {"queue": str(Task.ASSESS), "expires": settings.tick.total_seconds() * 4},
    },
    "evaluate": {
        "task": task_name(Task.ASSESS),
        "args": [[]],
        "schedule": settings.evaluate_every,
        "options": {"queue": str(Task.ASSESS), "expires": settings.evaluate_every.total_seconds() * 2},
    },
}
