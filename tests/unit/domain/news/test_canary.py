"""Canaries: texts that nobody else writes, under ids that nobody else may give."""

from datetime import timedelta

from service.adapters.nlp.fingerprints import RensaFingerprints
from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.domain.alerting.canary import RULE, mentions
from service.domain.alerting.rule import Rule, RuleKind
from service.domain.news.article import content_hash
from service.domain.news.canary import COUNTRIES, DYAD, ORIGIN, article, is_canary, is_invented, may_have
from service.domain.news.duplicate import NEAR, containment, shingles
from tests.fakes import NOON


def test_no_two_canaries_are_near_duplicates() -> None:
    found = [article(NOON + timedelta(days=n), NOON + timedelta(days=n)) for n in range(30)]
    texts = [shingles(one.document) for one in found]
    assert len({content_hash(one.title, one.text) for one in found}) == 30
    assert max(containment(a, b) for n, a in enumerate(texts) for b in texts[:n]) < 0.5 < NEAR
    assert len({band for one in texts for band in RensaFingerprints().bands(one)}) > 30


def test_only_canaries_may_have_their_ids() -> None:
    one = article(NOON, NOON)
    assert is_canary(one.id)
    assert may_have(one.id, ORIGIN)
    assert not may_have(one.id, "api")
    assert not may_have("canary:x", "feed:a")
    assert may_have("bird:x", "api")


def test_its_names_stand_for_codes_that_no_country_has(shipped_gazetteer: CompiledGazetteer) -> None:
    one = article(NOON, NOON)
    found = mentions(one.document)
    assert [one.document[m.start : m.end] for m in found] == [*COUNTRIES.values()] * 2
    assert [(m.code, m.countries) for m in found[:2]] == [(code, (code,)) for code in COUNTRIES]
    assert shipped_gazetteer.mentions(one.document) == []
    assert not set(COUNTRIES) & set(shipped_gazetteer.geography.countries)


def test_no_pattern_watches_what_they_move() -> None:
    assert is_invented(DYAD)
    assert not is_invented("dyad:IRN-PAK")
    assert RULE.covers(DYAD)
    assert not RULE.covers("dyad:IRN-PAK")
    for pattern in ("*", "dyad:*", "dyad:QQ*", "country:*"):
        rule = Rule("all", RuleKind.LEVEL, (pattern,))
        assert not rule.covers(DYAD)
        assert not rule.covers("country:QQA")
    assert Rule("all", RuleKind.LEVEL, ("*",)).covers("dyad:IRN-PAK")
