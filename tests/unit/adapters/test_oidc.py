"""Sign-in by OpenID Connect against an issuer of the test's own, which signs as told, well or badly."""

import json
import shutil
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from service.adapters.oidc import OidcProvider
from service.api.app import build
from service.bootstrap import Detente
from service.errors import ConfigError, Denied, FetchFailed
from service.ports import Attempt
from tests.unit.api.conftest import put_together

BACK = "http://localhost/sign-in/back"
OWN, STRANGE = (RSAKey.generate_key(2048, {"kid": kid}) for kid in ("own", "own"))


@dataclass
class Issuer:
    """What it says of itself and of people can be spoilt."""

    server: HTTPServer
    claims: dict[str, Any] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: OWN)
    header: dict[str, str] = field(default_factory=lambda: {"alg": "RS256", "kid": "own"})
    document: dict[str, Any] = field(default_factory=dict)
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    nonce: str = ""

    @property
    def url(self) -> str:
        return self.server.url_for("").rstrip("/")

    def describe(self, _: Request) -> Response:
        doors = {"authorization_endpoint": "/door", "token_endpoint": "/token", "jwks_uri": "/keys"}
        document = {"issuer": self.url, **{name: self.url + path for name, path in doors.items()}}
        return Response(json.dumps({**document, **self.document}), content_type="application/json")

    def tell(self, request: Request) -> Response:
        self.asked.append(
            {**parse_qs(request.get_data(as_text=True)), "authorization": request.headers.getlist("Authorization")}
        )
        usual = {
            "iss": self.url,
            "aud": "detente",
            "sub": "7",
            "nonce": self.nonce,
            "exp": int(time()) + 60,
            "name": "Jo\n",
        }
        told = {name: value for name, value in {**usual, **self.claims}.items() if value is not None}
        token = jwt.encode(self.header, told, self.key, algorithms=["RS256", "HS256"]) if self.key else unsigned(told)
        body = {"access_token": "CANARY", "token_type": "Bearer", "id_token": token}
        return Response(json.dumps(body), content_type="application/json")


def unsigned(claims: dict[str, Any]) -> str:
    parts = (json.dumps(part).encode() for part in ({"alg": "none", "kid": "own"}, claims))
    return ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."


@pytest.fixture
def issuer(httpserver: HTTPServer) -> Issuer:
    found = Issuer(httpserver)
    httpserver.expect_request("/.well-known/openid-configuration").respond_with_handler(found.describe)
    httpserver.expect_request("/token", method="POST").respond_with_handler(found.tell)
    httpserver.expect_request("/keys").respond_with_json(KeySet([OWN]).as_dict(private=False))
    return found


@pytest.fixture
def provider(issuer: Issuer) -> OidcProvider:
    return OidcProvider(issuer.url, "detente", lambda: "s" * 40, allow_private=True)


def back(provider: OidcProvider, issuer: Issuer, **given: str) -> tuple[Attempt, str]:
    """Somebody has been there: the attempt, and the address they come back to."""
    attempt = provider.begin(BACK)
    issuer.nonce = attempt.nonce
    query = {"state": attempt.state, "code": "c1", **given}
    return attempt, BACK + "?" + "&".join(f"{name}={value}" for name, value in query.items())


def test_somebody_is_sent_there_and_known_when_they_are_back(provider: OidcProvider, issuer: Issuer) -> None:
    attempt, came_to = back(provider, issuer)
    asked = parse_qs(urlsplit(attempt.address).query)
    assert urlsplit(attempt.address).path == "/door"
    assert (asked["client_id"], asked["redirect_uri"], asked["response_type"]) == (["detente"], [BACK], ["code"])
    assert asked["code_challenge_method"] == ["S256"]
    assert attempt.verifier not in attempt.address
    known = provider.finish(attempt, came_to, BACK)
    assert (known.external_id, known.name) == (f"{issuer.url}#7", "Jo")
    told = issuer.asked[0]
    assert (told["code"], told["code_verifier"], told["redirect_uri"]) == (["c1"], [attempt.verifier], [BACK])
    assert told["authorization"][0].startswith("Basic ")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"},
        {"aud": "another"},
        {"aud": ["another", "detente"]},
        {"aud": ["another", "detente"], "azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
    ],
)
def test_what_was_said_of_somebody_else_or_another_time_is_refused(
    provider: OidcProvider, issuer: Issuer, claims: dict[str, Any]
) -> None:
    issuer.claims = claims
    with pytest.raises(Denied):
        provider.finish(*back(provider, issuer), BACK)


def test_a_token_for_several_is_taken_where_it_was_given_to_us(provider: OidcProvider, issuer: Issuer) -> None:
    issuer.claims = {"aud": ["another", "detente"], "azp": "detente"}
    assert provider.finish(*back(provider, issuer), BACK)


@pytest.mark.parametrize("how", ["another key", "a shared secret", "nothing"])
def test_only_the_issuers_own_key_signs(provider: OidcProvider, issuer: Issuer, how: str) -> None:
    keys = {"another key": STRANGE, "a shared secret": OctKey.import_key("s" * 40), "nothing": None}
    names = {"another key": "RS256", "a shared secret": "HS256", "nothing": "none"}
    issuer.key, issuer.header = keys[how], {"alg": names[how], "kid": "own"}
    with pytest.raises(Denied):
        provider.finish(*back(provider, issuer), BACK)


def test_a_state_that_is_not_ours_asks_for_nothing(provider: OidcProvider, issuer: Issuer) -> None:
    for given in ({"state": "another"}, {"code": "&"}):
        with pytest.raises(Denied):
            provider.finish(*back(provider, issuer, **given), BACK)
    assert issuer.asked == []


@pytest.mark.parametrize("document", [{"issuer": "https://other.example"}, {"jwks_uri": None, "token_endpoint": None}])
def test_an_issuer_that_describes_another_is_the_operators_mistake(
    provider: OidcProvider, issuer: Issuer, document: dict[str, Any]
) -> None:
    issuer.document = document
    with pytest.raises((ConfigError, Denied, FetchFailed)):
        provider.finish(*back(provider, issuer), BACK)


def test_a_private_issuer_is_not_asked_unless_that_is_allowed(issuer: Issuer) -> None:
    with pytest.raises(FetchFailed):
        OidcProvider(issuer.url, "detente", lambda: None).begin(BACK)


@pytest.fixture
def detente(folder: Path, issuer: Issuer) -> Iterator[Detente]:
    oidc = {"issuer": issuer.url, "client_id": "detente", "name": "Example ID", "allow_private": True}
    found = put_together(folder, public_url="http://localhost", oidc=oidc)
    yield found
    found.close()


@pytest.fixture
def folder(migrated: Path, tmp_path: Path) -> Path:
    shutil.copy(migrated, tmp_path / "detente.db")
    return tmp_path


def test_the_way_there_and_back_ends_where_it_was_to_lead(detente: Detente, issuer: Issuer) -> None:
    with TestClient(build(detente), base_url="http://localhost", follow_redirects=False) as client:
        assert "Example ID" in client.get("/sign-in?next=/account").text
        there = client.get("/sign-in/elsewhere?next=/account")
        asked = parse_qs(urlsplit(there.headers["location"]).query)
        issuer.nonce = asked["nonce"][0]
        came_to = f"/sign-in/back?code=c1&state={asked['state'][0]}"
        home = client.get(came_to)
        assert (home.status_code, home.headers["location"]) == (303, "/account")
        assert "Jo (viewer)" in client.get("/account").text
        assert client.get(came_to).status_code == 403, "the way is walked once"


def test_nobody_comes_back_who_did_not_set_out_here(detente: Detente) -> None:
    with TestClient(build(detente), base_url="http://localhost", follow_redirects=False) as client:
        assert client.get("/sign-in/back?code=c1&state=s").status_code == 403
        assert detente.doorkeeper.all() == []
