from service.domain.alerting.route import NOBODY, Route, destinations


def test_what_no_child_takes_stays_with_the_node() -> None:
    assert destinations(NOBODY, {"severity": "high"}) == [NOBODY]
    desk = Route("route", "desk")
    assert destinations(desk, {}) == [desk]
