"""Logs: JSON, or readable lines on a terminal."""

import logging
import sys
from typing import Any, TextIO

import structlog


def configure(level: str, stream: TextIO = sys.stderr) -> None:
    """Set the process's logging up. The message is constant; what varies is in keywords.

    Services log to standard output, commands, whose output is data, to standard error.
    """
    renderer: Any = (
        structlog.dev.ConsoleRenderer(event_key="message")
        if stream.isatty()
        else structlog.processors.JSONRenderer(sort_keys=True)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.EventRenamer("message"),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(logging.WARNING, logging.getLevelNamesMapping()[level]), stream=stream)
