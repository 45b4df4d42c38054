"""Passwords: right, wrong, nobody's, outdated, and too many at once."""

import asyncio

import pytest

from resolvers.passwords import PASSWORDS, Busy
from tests.people import PASSWORD, quick_passwords


@pytest.fixture(autouse=True)
def quick_hashes() -> None:
    """Not here: what the gateway takes is tested."""


async def test_a_password_belongs_to_its_hash_only() -> None:
    passwords = quick_passwords()
    stored = await passwords.hash(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert await passwords.verify(PASSWORD, stored) is True
    assert await passwords.verify(PASSWORD + " ", stored) is False


async def test_nobody_has_a_password_and_it_is_checked_all_the_same() -> None:
    passwords = quick_passwords()
    assert await passwords.verify(PASSWORD, None) is False
    assert passwords.verifications == 1


@pytest.mark.parametrize("stored", ["", "plain text", "$argon2id$v=19$m=8,t=1,p=1$broken", "$2b$12$abcdefghijklmnopqrstuv"])
async def test_a_broken_hash_belongs_to_no_password(stored: str) -> None:
    assert await quick_passwords().verify(PASSWORD, stored) is False


async def test_the_longest_password() -> None:
    passwords = quick_passwords()
    stored = await passwords.hash("x" * 1024)
    assert await passwords.verify("x" * 1024, stored) is True
    assert await passwords.verify("x" * 1025, stored) is False


async def test_half_a_character_is_only_a_wrong_password() -> None:
    passwords = quick_passwords()
    assert await passwords.verify("\ud800", await passwords.hash(PASSWORD)) is False


async def test_a_hash_of_other_parameters_is_outdated() -> None:
    passwords = quick_passwords()
    old = await quick_passwords(rounds=2).hash(PASSWORD)
    assert passwords.outdated(old)
    assert not passwords.outdated(await passwords.hash(PASSWORD))


async def test_more_than_the_pool_takes_are_sent_away() -> None:
    passwords = quick_passwords(threads=1, waiting=2)
    answers = await asyncio.gather(*(passwords.verify(PASSWORD, None) for _ in range(5)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [bool, bool, bool, Busy, Busy]
    assert await passwords.verify(PASSWORD, None) is False


async def test_the_parameters_of_the_gateway() -> None:
    stored = await PASSWORDS.hash(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await PASSWORDS.verify(PASSWORD, stored) is True
