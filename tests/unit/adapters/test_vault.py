"""Sealing, signing and the key file: what is sealed comes back, what was changed does not, and no key is shown."""

import logging
import string
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.vault import FILE, SHORTEST, Vault, add_key, load_keys, of, parse_keys
from service.errors import ConfigError
from service.ports import Purpose

OLD, NEW = "CANARY-old-key-0123456789abcdef-x", "CANARY-new-key-0123456789abcdef-x"
VAULT = Vault([OLD])
ALPHABET = frozenset("-_.") | frozenset(string.ascii_letters) | frozenset(string.digits)
"""Signs of a token. Base 64 has + and / as other spellings of - and _, which change nothing that is signed."""
PARTS = ["00112233445566aa", "mail", "s1"]


@given(st.text())
def test_what_is_sealed_comes_back_and_cannot_be_read(text: str) -> None:
    sealed = VAULT.seal(text)
    assert VAULT.open(sealed) == text
    assert len(text) < 4 or text not in sealed


def test_the_same_text_looks_different_each_time() -> None:
    assert VAULT.seal("bob@example.org") != VAULT.seal("bob@example.org")
    assert VAULT.fingerprint("bob@example.org") == VAULT.fingerprint("bob@example.org") != VAULT.fingerprint("x")


def test_another_key_is_told_of_and_opens_nothing() -> None:
    other, sealed = Vault([NEW]), VAULT.seal("CANARY-address")
    with pytest.raises(ConfigError, match="sealed by another key") as caught:
        other.open(sealed)
    assert "CANARY" not in str(caught.value)
    assert caught.value.__suppress_context__
    assert other.fingerprint("a") != VAULT.fingerprint("a")
    assert other.read(Purpose.CONFIRM, VAULT.sign(Purpose.CONFIRM, PARTS)) is None


@pytest.mark.parametrize("garbage", ["", "x", "gAAAA", "ä", "=" * 200])
def test_garbage_opens_nothing(garbage: str) -> None:
    with pytest.raises(ConfigError):
        VAULT.open(garbage)


def test_after_rotation_the_first_key_seals_and_all_open() -> None:
    both, sealed = Vault([NEW, OLD]), VAULT.seal("bob")
    token = VAULT.sign(Purpose.UNSUBSCRIBE, PARTS)
    assert both.open(sealed) == "bob"
    assert Vault([NEW]).open(both.seal("bob")) == "bob"
    assert both.read(Purpose.UNSUBSCRIBE, token) == PARTS
    assert Vault([NEW]).read(Purpose.UNSUBSCRIBE, both.sign(Purpose.UNSUBSCRIBE, PARTS)) == PARTS
    assert both.fingerprints("bob") == [Vault([NEW]).fingerprint("bob"), VAULT.fingerprint("bob")]
    assert both.codes(PARTS) == [*Vault([NEW]).codes(PARTS), *VAULT.codes(PARTS)]


def test_a_token_is_good_for_its_purpose_only() -> None:
    token = VAULT.sign(Purpose.CONFIRM, PARTS)
    assert VAULT.read(Purpose.CONFIRM, token) == PARTS
    assert VAULT.read(Purpose.UNSUBSCRIBE, token) is None


@given(st.data())
def test_a_token_with_one_changed_letter_is_none_of_ours(data: st.DataObject) -> None:
    token = VAULT.sign(Purpose.UNSUBSCRIBE, PARTS)
    place = data.draw(st.integers(0, len(token) - 2))  # the last letter has bits that mean nothing
    letter = data.draw(st.sampled_from(sorted(ALPHABET - {token[place]})))
    assert VAULT.read(Purpose.UNSUBSCRIBE, token[:place] + letter + token[place + 1 :]) is None


@given(st.text(max_size=300))
def test_no_text_that_we_did_not_sign_is_read(text: str) -> None:
    assert VAULT.read(Purpose.CONFIRM, text) is None


def test_a_signed_value_of_another_shape_is_none_of_ours() -> None:
    signer = VAULT._signer(Purpose.CONFIRM)
    for value in ({"a": "b"}, "text", [1, 2], None, ["a", None]):
        assert VAULT.read(Purpose.CONFIRM, str(signer.dumps(value))) is None


def test_a_code_can_be_typed_and_depends_on_everything() -> None:
    codes = {VAULT.codes(parts)[0] for parts in (PARTS, [*PARTS, "1"], ["00112233445566aa", "mails", "1"])}
    assert len(codes) == 3
    assert all(code.isalnum() and code.isupper() and len(code) == 10 for code in codes)


def test_a_vault_shows_no_key() -> None:
    assert "CANARY" not in repr(VAULT) + str(VAULT)
    assert repr(VAULT) == "Vault(1 keys)"


@pytest.mark.parametrize("keys", [[], ["short"], [OLD, "x" * (SHORTEST - 1)]])
def test_keys_that_are_too_few_or_too_short_are_refused(keys: list[str]) -> None:
    with pytest.raises(ConfigError, match="secret_key") as caught:
        Vault(keys)
    assert "CANARY" not in str(caught.value)


def test_keys_are_parted_by_blanks_and_lines_and_a_vault_is_made_once() -> None:
    assert parse_keys(f"{NEW}\n{OLD} \n") == [NEW, OLD]
    assert of((NEW, OLD)) is of((NEW, OLD))


# --- the file


def test_the_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    keys = load_keys(tmp_path)
    assert load_keys(tmp_path) == keys
    assert (len(keys), (tmp_path / FILE).stat().st_mode & 0o777) == (1, 0o600)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_many_at_once_make_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: tuple(load_keys(tmp_path)), range(32)))
    assert len(set(found)) == 1
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_new_key_stands_before_the_old_ones(tmp_path: Path) -> None:
    first = load_keys(tmp_path)
    both = add_key(tmp_path)
    assert list(load_keys(tmp_path)) == list(both) == [both[0], *first]
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o660])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    load_keys(tmp_path)
    (tmp_path / FILE).chmod(mode)
    with pytest.raises(ConfigError, match="chmod 600"):
        load_keys(tmp_path)


def test_a_file_that_cannot_be_used_is_told_of_without_its_content(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be used"):
        load_keys(tmp_path / "no such folder")
    (tmp_path / FILE).write_bytes(b"CANARY\xff\xfe")
    (tmp_path / FILE).chmod(0o600)
    with pytest.raises(ConfigError, match="cannot be used") as caught:
        load_keys(tmp_path)
    assert "CANARY" not in str(caught.value)
    (tmp_path / FILE).unlink()
    (tmp_path / FILE).mkdir()
    with pytest.raises(ConfigError):
        add_key(tmp_path)


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    with caplog.at_level(logging.DEBUG):
        vault = Vault(load_keys(tmp_path))
        vault.read(Purpose.CONFIRM, vault.sign(Purpose.UNSUBSCRIBE, PARTS))
        vault.open(vault.seal("x"))
    assert caplog.text == ""
