"""Whether an alert would be for somebody, and every reason why not."""

from dataclasses import replace

from service.domain.alerting.rule import Severity
from service.domain.alerting.subscriber import ChannelState, Subscriber, SubscriberChannel, SubscriberState
from service.operations.would_hear import would_hear
from tests.fakes import NOON

MAIL = SubscriberChannel("mail", "mailtos", ChannelState.CONFIRMED, NOON)
ANN = Subscriber("a" * 16, "Ann", NOON, SubscriberState.ACTIVE, ("country:IRN", "watch:gulf"), channels=(MAIL,))
GULF = {"watch:gulf": ("country:QAT",)}


def test_who_would_be_told_is_told_by_what() -> None:
    for subject in ("country:IRN", "dyad:IRN-PAK", "country:QAT"):
        heard = would_hear(ANN, subject, Severity.WARNING, "LEVEL", GULF)
        assert (heard.reached, heard.reasons) == (("mail",), ())


def test_every_reason_is_named() -> None:
    asleep = replace(ANN, state=SubscriberState.PAUSED, kinds=("SURGE",))
    heard = would_hear(asleep, "country:FRA", Severity.INFO, "LEVEL", GULF)
    assert heard.reached == ()
    assert heard.reasons == (
        "no subject of theirs covers country:FRA",
        "they do not want to hear of rules of the kind LEVEL",
        "info is below warning",
        "channel mail: the subscriber is paused",
    )


def test_good_news_is_asked_for_by_nobodys_severity() -> None:
    for kind in ("DEESC", "ALLCLEAR"):
        assert would_hear(ANN, "country:IRN", Severity.INFO, kind, {}).reached == ("mail",)


def test_one_good_channel_is_enough_and_one_is_needed() -> None:
    other = SubscriberChannel("hook", "jsons")
    both = would_hear(replace(ANN, channels=(MAIL, other)), "country:IRN", Severity.HIGH, "LEVEL", {})
    assert (both.reached, both.reasons) == (("mail",), ("channel hook: the channel is unconfirmed",))
    none = would_hear(replace(ANN, channels=()), "country:IRN", Severity.HIGH, "LEVEL", {})
    assert (none.reached, none.reasons) == ((), ("they have no channel",))
