"""When what was held back is told together."""

from datetime import UTC, datetime, timedelta

from service.domain.alerting.interval import zone_named
from service.domain.alerting.route import DigestPlan


def next_digest(plan: DigestPlan | None, now: datetime) -> datetime:
    """The first digest after `now`, in UTC; without a plan it comes at eight in the morning, UTC.

    An hour that day-light saving leaves out is that of the clock before the change.
    """
    plan = plan or DigestPlan()
    zone = zone_named(plan.zone)
    day = now.astimezone(zone).date()
    while True:
        due = datetime.combine(day, plan.at, zone).astimezone(UTC)
        if due > now and (plan.every == "daily" or day.weekday() == plan.weekday):
            return due
        day += timedelta(days=1)
