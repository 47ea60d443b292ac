"""Links that cannot be guessed and that survive a new key."""

import base64
import hashlib
import hmac
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.links import NONCE_BYTES, TOKEN_LENGTH, Keyring, LinkPurpose, token, token_hash

OLD, NEW = b"an old key of at least 32 bytes..", b"the new key of at least 32 bytes."
NONCE = bytes(range(NONCE_BYTES))
NONCES = st.binary(min_size=NONCE_BYTES, max_size=NONCE_BYTES)
KEYS = st.binary(min_size=32, max_size=64)


def _token(key: bytes, *, purpose: LinkPurpose = LinkPurpose.ANSWER, nonce: bytes = NONCE) -> str:
    keyring = Keyring.of((key,))
    return token(keyring, key_id=keyring.signing, purpose=purpose, nonce=nonce)


def test_a_token_is_the_documented_mac() -> None:
    mac = hmac.new(OLD, b"answer|" + NONCE, hashlib.sha256).digest()
    assert _token(OLD) == base64.urlsafe_b64encode(mac).decode()[:22]


@given(key=KEYS, nonce=NONCES)
def test_a_token_has_22_characters_that_need_no_escaping(key: bytes, nonce: bytes) -> None:
    for purpose in LinkPurpose:
        assert re.fullmatch(rf"[A-Za-z0-9_-]{{{TOKEN_LENGTH}}}", _token(key, purpose=purpose, nonce=nonce))


@given(keys=st.tuples(KEYS, KEYS).filter(lambda keys: keys[0] != keys[1]), nonces=st.tuples(NONCES, NONCES))
def test_another_key_purpose_or_nonce_gives_another_token(
    keys: tuple[bytes, bytes], nonces: tuple[bytes, bytes]
) -> None:
    tokens = {
        _token(key, purpose=purpose, nonce=nonce)
        for key in {hmac_key.ljust(64, b"\0") for hmac_key in keys}
        for purpose in LinkPurpose
        for nonce in set(nonces)
    }
    assert len(tokens) == len({key.ljust(64, b"\0") for key in keys}) * len(LinkPurpose) * len(set(nonces))


def test_a_new_signing_key_still_renders_old_links() -> None:
    before, after = Keyring.of((OLD,)), Keyring.of((NEW, OLD))
    assert after.signing != before.signing
    for purpose in LinkPurpose:
        assert token(after, key_id=before.signing, purpose=purpose, nonce=NONCE) == _token(OLD, purpose=purpose)
        assert token(after, key_id=after.signing, purpose=purpose, nonce=NONCE) == _token(NEW, purpose=purpose)


def test_a_key_that_is_gone_renders_nothing() -> None:
    gone = Keyring.of((OLD,)).signing
    with pytest.raises(KeyError):
        token(Keyring.of((NEW,)), key_id=gone, purpose=LinkPurpose.ANSWER, nonce=NONCE)


def test_a_keyring_never_shows_its_keys() -> None:
    shown = repr(Keyring.of((OLD, NEW)))
    assert "key of at least" not in shown
    assert Keyring.of((OLD,)).signing in shown


def test_what_is_stored_of_a_token_does_not_open_it() -> None:
    text = _token(OLD)
    assert token_hash(text) == hashlib.sha256(text.encode()).hexdigest()
    assert token_hash(token_hash(text)) != token_hash(text)
