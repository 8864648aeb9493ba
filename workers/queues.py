"""One queue for each task, so that a slow kind of work never stands in another's way."""

from service.flow import Task

QUEUES = tuple(str(task) for task in Task)
"""Names for `celery worker -Q`; the model is loaded by whoever reads `analyse`."""
