"""The table of contents: the steps of an article's way, in order, and the task that carries each."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Task(StrEnum):
    """A reason to retry. Each has a queue and a Celery task of the same name."""

    FETCH = "fetch"
    COMPLETE = "complete"
    ANALYSE = "analyse"
    ASSESS = "assess"
    DISPATCH = "dispatch"
    GATHER = "gather"
    DELIVER = "deliver"


class Step(StrEnum):
    """A reason to change. Each is one function in `service.pipeline`, in a module of the same name."""

    FETCH = "fetch"
    INGEST = "ingest"
    COMPLETE = "complete"
    DEDUPLICATE = "deduplicate"
    CLASSIFY = "classify"
    EXTRACT = "extract"
    ATTRIBUTE = "attribute"
    SCORE = "score"
    EVALUATE = "evaluate"
    ROUTE = "route"
    GROUP = "group"
    NOTIFY = "notify"


TASK_OF: Mapping[Step, Task] = MappingProxyType(
    {
        Step.FETCH: Task.FETCH,
        Step.INGEST: Task.FETCH,
        Step.COMPLETE: Task.COMPLETE,
        Step.DEDUPLICATE: Task.ANALYSE,
        Step.CLASSIFY: Task.ANALYSE,
        Step.EXTRACT: Task.ANALYSE,
        Step.ATTRIBUTE: Task.ANALYSE,
        Step.SCORE: Task.ASSESS,
        Step.EVALUATE: Task.ASSESS,
        Step.ROUTE: Task.DISPATCH,
        Step.GROUP: Task.GATHER,
        Step.NOTIFY: Task.DELIVER,
    }
)


class Kind(StrEnum):
    """The tables of work: rows that have a state, a due time and a lease."""

    FEED = "feed"
    ARTICLE = "article"
    TRANSITION = "transition"
    GROUP = "group"
    NOTIFICATION = "notification"


class ArticleState(StrEnum):
    """Where an article stands: the last step that was done with it, or its end.

    An announced one is known by its title or address; its page is still to be read.
    """

    ANNOUNCED = "announced"
    RECEIVED = "received"
    DEDUPLICATED = "deduplicated"
    CLASSIFIED = "classified"
    EXTRACTED = "extracted"
    ATTRIBUTED = "attributed"
    SCORED = "scored"
    IGNORED = "ignored"
    DEAD = "dead"


class RowState(StrEnum):
    """Where a feed, transition, group or notification stands.

    A group is idle while nothing waits in it. A feed is gone when its server said that it will not come back.
    """

    PENDING = "pending"
    ROUTED = "routed"
    IDLE = "idle"
    GONE = "gone"
    SENT = "sent"
    CANCELLED = "cancelled"
    DEAD = "dead"


KIND_OF: Mapping[Task, Kind] = MappingProxyType(
    {
        Task.FETCH: Kind.FEED,
        Task.COMPLETE: Kind.ARTICLE,
        Task.ANALYSE: Kind.ARTICLE,
        Task.ASSESS: Kind.ARTICLE,
        Task.DISPATCH: Kind.TRANSITION,
        Task.GATHER: Kind.GROUP,
        Task.DELIVER: Kind.NOTIFICATION,
    }
)
OPEN_STATES: Mapping[Task, tuple[str, ...]] = MappingProxyType(
    {
        Task.FETCH: (RowState.PENDING,),
        Task.COMPLETE: (ArticleState.ANNOUNCED,),
        Task.ANALYSE: (
            ArticleState.RECEIVED,
            ArticleState.DEDUPLICATED,
            ArticleState.CLASSIFIED,
            ArticleState.EXTRACTED,
        ),
        Task.ASSESS: (ArticleState.ATTRIBUTED,),
        Task.DISPATCH: (RowState.PENDING,),
        Task.GATHER: (RowState.PENDING,),
        Task.DELIVER: (RowState.PENDING,),
    }
)
"""The states in which a row still waits for this task."""
