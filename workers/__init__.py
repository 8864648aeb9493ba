"""The Celery side: thin wrappers around `service`."""
