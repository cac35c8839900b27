"""The portal's encryption key can be changed without signing anybody out, and taken away to sign everybody out."""

import pytest
from cryptography.fernet import Fernet

from services.portal.vault import Unreadable, Vault

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_a_key_put_in_front_seals_and_the_one_behind_still_opens() -> None:
    before = Vault([OLD]).seal("a refresh token")

    during = Vault([NEW, OLD])
    after = during.seal("another")

    assert during.open(before) == "a refresh token"
    assert Vault([NEW]).open(after) == "another"


def test_what_was_sealed_with_a_key_that_was_taken_away_is_unreadable() -> None:
    before = Vault([OLD]).seal("a refresh token")

    with pytest.raises(Unreadable):
        Vault([NEW]).open(before)
