"""What a text says about danger: direction, modality, role in the article."""

from enum import StrEnum


class Signal(StrEnum):
    """Whether what is reported pushes the danger of organised violence up, down, or neither."""

    ESCALATION = "escalation"
    DE_ESCALATION = "de-escalation"
    NEUTRAL = "neutral"


class Modality(StrEnum):
    """How real the reported act is. One per event, judged apart from its type."""

    ACTUAL = "actual"
    THREATENED = "threatened"
    PLANNED = "planned"
    ALLEGED = "alleged"
    DENIED = "denied"
    NEGATED = "negated"
    HISTORICAL = "historical"
    HYPOTHETICAL = "hypothetical"
    FIGURATIVE = "figurative"


class ArticleRole(StrEnum):
    """Where in its article an event stands. Only lead events may start or turn an alert."""

    LEAD = "lead"
    BODY = "body"
    BACKGROUND = "background"


class MentionRole(StrEnum):
    """What a mentioned country, group or organisation does in the event of its sentence.

    THIRD is involved without being a side: broker or host of talks, commenter, nationality of victims, backer.
    """

    ACTOR = "actor"
    RECIPIENT = "recipient"
    BOTH = "both"
    PLACE = "place"
    THIRD = "third"
    MENTION = "mention"
