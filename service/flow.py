"""The table of contents: the steps of an article's way, in order, and the task that carries each."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Task(StrEnum):
    """A reason to retry. Each has a queue and a Celery task of the same name."""

    FETCH = "fetch"
    ANALYSE = "analyse"
    ASSESS = "assess"
    DISPATCH = "dispatch"
    DELIVER = "deliver"


class Step(StrEnum):
    """A reason to change. Each is one function in `service.pipeline`, in a module of the same name."""

    FETCH = "fetch"
    INGEST = "ingest"
    DEDUPLICATE = "deduplicate"
    CLASSIFY = "classify"
    EXTRACT = "extract"
    ATTRIBUTE = "attribute"
    SCORE = "score"
    EVALUATE = "evaluate"
    ROUTE = "route"
    NOTIFY = "notify"


TASK_OF: Mapping[Step, Task] = MappingProxyType(
    {
        Step.FETCH: Task.FETCH,
        Step.INGEST: Task.FETCH,
        Step.DEDUPLICATE: Task.ANALYSE,
        Step.CLASSIFY: Task.ANALYSE,
        Step.EXTRACT: Task.ANALYSE,
        Step.ATTRIBUTE: Task.ANALYSE,
        Step.SCORE: Task.ASSESS,
        Step.EVALUATE: Task.ASSESS,
        Step.ROUTE: Task.DISPATCH,
        Step.NOTIFY: Task.DELIVER,
    }
)


class Kind(StrEnum):
    """The tables of work: rows that have a state, a due time and a lease."""

    FEED = "feed"
    ARTICLE = "article"
    TRANSITION = "transition"
    NOTIFICATION = "notification"


class ArticleState(StrEnum):
    """Where an article stands: the last step that was done with it, or its end."""

    RECEIVED = "received"
    DEDUPLICATED = "deduplicated"
    CLASSIFIED = "classified"
    EXTRACTED = "extracted"
    ATTRIBUTED = "attributed"
    SCORED = "scored"
    IGNORED = "ignored"
    DEAD = "dead"


class RowState(StrEnum):
    """Where a feed, transition or notification stands."""

    PENDING = "pending"
    ROUTED = "routed"
    SENT = "sent"
    CANCELLED = "cancelled"
    DEAD = "dead"


KIND_OF: Mapping[Task, Kind] = MappingProxyType(
    {
        Task.FETCH: Kind.FEED,
        Task.ANALYSE: Kind.ARTICLE,
        Task.ASSESS: Kind.ARTICLE,
        Task.DISPATCH: Kind.TRANSITION,
        Task.DELIVER: Kind.NOTIFICATION,
    }
)
OPEN_STATES: Mapping[Task, tuple[str, ...]] = MappingProxyType(
    {
        Task.FETCH: (RowState.PENDING,),
        Task.ANALYSE: (
            ArticleState.RECEIVED,
            ArticleState.DEDUPLICATED,
            ArticleState.CLASSIFIED,
            ArticleState.EXTRACTED,
        ),
        Task.ASSESS: (ArticleState.ATTRIBUTED,),
        Task.DISPATCH: (RowState.PENDING,),
        Task.DELIVER: (RowState.PENDING,),
    }
)
"""The states in which a row still waits for this task."""
