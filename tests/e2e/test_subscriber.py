"""Somebody subscribes, agrees, is told, and leaves: through the real service and a real mail server."""

import re
import shutil
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.api.app import build
from service.bootstrap import Detente
from tests.e2e.harness import Service, many_articles, running, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
PUBLIC = "https://detente.example"
SUBSCRIBED = ("--subject", "dyad:*", "--least", "info", "--per-day", "none", "--language", "de")


def mails_to(service: Service, mailbox: str) -> list[Any]:
    """What arrived for a mailbox, as mail programs read it."""
    found = [message_from_bytes(raw, policy=policy.default) for raw in list(service.sinks.letters)]
    return [mail for mail in found if str(mail["To"]) == mailbox]


def test_from_the_question_to_the_last_mail(tmp_path: Path) -> None:
    articles, mailbox = tmp_path / "articles.jsonl", "reader@example.org"
    many_articles(3, articles)

    def prepare(service: Service) -> None:
        port = re.search(r":(\d+)/", service.sinks.mail_url)
        assert port
        server = f"mailto://127.0.0.1:{port[1]}/?from=detente@example.org&mode=insecure"
        service.environment |= {"DETENTE_PUBLIC_URL": PUBLIC, "DETENTE_NOTIFY__MAIL_SERVER": server}

    with running(tmp_path / "home", prepare=prepare) as service:
        service.run("users", "add", "Reader", *SUBSCRIBED)
        address = tmp_path / "address"
        address.write_text(mailbox)
        service.run("users", "channel", "add", "Reader", "mail", "--address-file", str(address))
        wait_for(lambda: bool(mails_to(service, mailbox)), 60, "the question did not come")
        (question,) = mails_to(service, mailbox)
        text = question.get_body(("plain",)).get_content()
        token = re.search(rf"{PUBLIC}/confirm/(\S+)", text)
        assert token, text
        service.run("ingest", str(articles))
        wait_for(lambda: service.sinks.messages and service.is_done(), 120, "the desk was not told")
        assert len(mails_to(service, mailbox)) == 1, "nobody is told who has not agreed"
        pages = Detente(service.home / "config", {"data_dir": service.home / "data", "public_url": PUBLIC})
        with TestClient(build(pages), "http://localhost") as client:
            assert client.get(f"/confirm/{token[1]}").status_code == 200
            assert len(mails_to(service, mailbox)) == 1, "looking at a link agrees to nothing"
            assert client.post(f"/confirm/{token[1]}").status_code == 200
            more = tmp_path / "more.jsonl"
            many_articles(3, more, seed=11)
            shutil.move(more, articles)
            articles.write_text(articles.read_text().replace("load-", "more-"))
            service.run("ingest", str(articles))
            wait_for(lambda: len(mails_to(service, mailbox)) > 1, 120, "the subscriber was not told")
            told = mails_to(service, mailbox)[-1]
            assert told.get_body(("html",)) is not None
            link = re.search(rf"<({PUBLIC}/unsubscribe/\S+)>", str(told["List-Unsubscribe"]))
            assert link
            assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
            left = client.post(link[1].removeprefix(PUBLIC), data={"List-Unsubscribe": "One-Click"})
            assert left.status_code == 200
        wait_for(service.is_done, 60, "messages were left")
        before = len(mails_to(service, mailbox))
        articles.write_text(articles.read_text().replace("more-", "last-").replace("killing", "wounding and killing"))
        service.run("ingest", str(articles))
        wait_for(service.is_done, 120, "work was left")
        assert len(mails_to(service, mailbox)) == before
        assert mailbox not in (service.home / "log").read_text()
