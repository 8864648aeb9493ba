"""Sign-in by OpenID Connect: the code flow with PKCE, state and nonce. Needs the extra `oidc`.

Every request goes the way that feeds are fetched.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from service.adapters.net.exchange import Reach, exchange
from service.errors import ConfigError, Denied, FetchFailed
from service.ports import Attempt, Vouched

try:
    from authlib.common.errors import AuthlibBaseError
    from authlib.oauth2.client import OAuth2Client
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet
except ImportError:
    raise ConfigError("oidc.issuer: install the extra oidc, which has authlib") from None

SCOPE = "openid profile"
SIGNED_BY = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""By the issuer's own key: never by none, nor by a secret that both know."""
LEEWAY = 60
"""Seconds by which the issuer's clock may differ."""
REFUSED = "the identity provider did not vouch for you: try again"
LONGEST_NAME = 60
_ANSWERS = frozenset({200, *range(400, 600)})
"""Statuses whose body is read: a refusal is told in JSON."""
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the library wants of an answer."""

    status_code: int
    body: bytes

    def raise_for_status(self) -> None:
        """Raises FetchFailed where the other side failed."""
        if self.status_code >= 500:  # noqa: PLR2004
            raise FetchFailed(f"the identity provider answered {self.status_code}")

    def json(self) -> Json:
        """The object in it. Raises FetchFailed."""
        try:
            found = json.loads(self.body)
        except ValueError:
            raise FetchFailed("the identity provider did not answer in JSON") from None
        if not isinstance(found, dict):
            raise FetchFailed("the identity provider did not answer with an object")
        return found


@dataclass(frozen=True, slots=True)
class _Session:
    """The library's way out."""

    allow_private: bool

    def get(self, url: str) -> Json:
        """A document. Raises FetchFailed."""
        answer = self._ask(url, {"Accept": "application/json"}, None)
        if answer.status_code != 200:  # noqa: PLR2004
            raise FetchFailed(f"the identity provider answered {answer.status_code}")
        return answer.json()

    def post(self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> _Answer:
        """What the library calls; `auth` adds who we are."""
        _, signed, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return self._ask(url, signed, body.encode())

    def _ask(self, url: str, headers: dict[str, str], body: bytes | None) -> _Answer:
        answer = exchange(url, reach=Reach(self.allow_private), headers=headers, body=body, takes=_ANSWERS)
        return _Answer(answer.status, answer.body)


@dataclass(frozen=True, slots=True)
class OidcProvider:
    """Implements `ports.IdentityProvider`. `secret` gives the client's secret, None for a public client."""

    issuer: str
    client_id: str
    secret: Callable[[], str | None]
    allow_private: bool = False

    def begin(self, back_to: str) -> Attempt:
        """Asks the issuer where its doors are."""
        nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        door = self._document()["authorization_endpoint"]
        address, state = self._client(back_to).create_authorization_url(door, code_verifier=verifier, nonce=nonce)
        return Attempt(address, state, nonce, verifier)

    def finish(self, attempt: Attempt, came_to: str, back_to: str) -> Vouched:
        """Changes the code for a token, and reads that."""
        given = parse_qs(urlsplit(came_to).query)
        if given.get("state") != [attempt.state] or "code" not in given:
            raise Denied(REFUSED)
        document = self._document()
        try:
            token = self._client(back_to).fetch_token(
                document["token_endpoint"],
                grant_type="authorization_code",
                code=given["code"][0],
                code_verifier=attempt.verifier,
                redirect_uri=back_to,
            )
            claims = self._claims(document, str(token.get("id_token", "")), attempt.nonce)
        except (AuthlibBaseError, JoseError, ValueError, KeyError, TypeError):
            raise Denied(REFUSED) from None
        return Vouched(f"{self.issuer}#{claims['sub']}", _name(claims))

    def _client(self, back_to: str) -> Any:
        return OAuth2Client(
            _Session(self.allow_private),
            client_id=self.client_id,
            client_secret=self.secret(),
            scope=SCOPE,
            redirect_uri=back_to,
            code_challenge_method="S256",
        )

    def _document(self) -> Json:
        """What the issuer says of itself. One that calls itself by another name is refused (RFC 8414, 3.3)."""
        found = _Session(self.allow_private).get(f"{self.issuer}/.well-known/openid-configuration")
        if str(found.get("issuer", "")).rstrip("/") != self.issuer:
            raise ConfigError("oidc.issuer: the document found there is another issuer's")
        if missing := {"authorization_endpoint", "token_endpoint", "jwks_uri"} - set(found):
            raise ConfigError(f"oidc.issuer: its document lacks {', '.join(sorted(missing))}")
        return found

    def _claims(self, document: Json, written: str, nonce: str) -> Json:
        keys = KeySet.import_key_set(_Session(self.allow_private).get(document["jwks_uri"]))  # type: ignore[arg-type]
        token = jwt.decode(written, keys, algorithms=SIGNED_BY)
        jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": document["issuer"]},
            aud={"essential": True, "value": self.client_id},
            sub={"essential": True},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(token.claims)
        _check_party(token.claims, self.client_id)
        return token.claims


def _check_party(claims: Json, client_id: str) -> None:
    """A token for several is ours only if it was given to us (OpenID Connect Core, 3.1.3.7)."""
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != client_id:
        raise ValueError


def _name(claims: Json) -> str:
    """How they are called, as far as it can be a name."""
    called = next((str(claims[key]) for key in ("preferred_username", "name", "email") if claims.get(key)), "")
    printable = "".join(sign for sign in called if sign.isprintable()).strip()[:LONGEST_NAME].strip()
    return printable or str(claims["sub"])[:LONGEST_NAME]
