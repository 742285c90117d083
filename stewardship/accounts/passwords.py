"""Passwords: which are taken, and what is kept of them, by argon2id.

The rules are those of NIST SP 800-63B: long enough, no demands on what they are composed of, none that everybody tries
first, none that is the name of its owner; and no change without a cause. A password is taken in Unicode's form NFKC,
so that it is the same from every keyboard.
"""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from warehouse.errors import UsageError

if TYPE_CHECKING:
    from pwdlib import PasswordHash

SHORTEST, LONGEST = 12, 256
_MEMORY_KIB, _ROUNDS, _LANES = 19456, 2, 1
"""The cost of a hash: OWASP's least for argon2id, some 30 ms."""
_AT_ONCE = BoundedSemaphore(4)
"""How many are hashed at the same time, so that many guesses do not take all the memory."""
_FEWEST_CHARACTERS = 5
_COMMON = frozenset((Path(__file__).parent / "common_passwords.txt").read_text().split())
"""Words that are the whole of a common password, but for digits and signs around them, and themselves again."""
_ROWS = (
    "01234567890123456789",
    "98765432109876543210",
    "1qaz2wsx3edc4rfv5tgb",
    "q1w2e3r4t5y6u7i8o9p0",
    "1q2w3e4r5t6y7u8i9o0p",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
)
"""Runs of the alphabet, the digits, and keys beside each other."""
_STAND_FOR = str.maketrans("013457@$", "oieastas")


class PasswordRefused(UsageError):
    """A password that is not taken: choose another one."""


def check_rules(name: str, password: str) -> None:
    """Raise PasswordRefused, which says why, for a password that the user of that name may not have."""
    plain = _plain(password).casefold()
    said = ""
    if len(plain) < SHORTEST:
        said = f"it has {len(plain)} characters: take {SHORTEST} or more, several words for instance"
    elif len(_plain(password)) > LONGEST:
        said = f"it is longer than {LONGEST} characters: take a shorter one"
    elif len(set(plain)) < _FEWEST_CHARACTERS:
        said = f"it has fewer than {_FEWEST_CHARACTERS} different characters: take another one"
    elif _repeats(_letters(plain), _letters(name.casefold())) or plain == name.casefold():
        said = "it is the name of its account: take another one"
    elif _is_common(plain):
        said = "it is among those that everybody tries first: take another one"
    if said:
        message = f"the password is not taken: {said}"
        raise PasswordRefused(message)


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    with _AT_ONCE:
        return hasher().hash(_plain(password))


def matches(password: str, kept: str | None) -> tuple[bool, str | None]:
    """Return whether the password is the one that was kept, and what to keep from now on where that has changed.

    Takes the same time where nothing was kept.
    """
    if len(password) > LONGEST * 4:
        password = ""
    against = kept or nobodys()
    with _AT_ONCE:
        right, better = hasher().verify_and_update(_plain(password), against)
    return (right, better) if kept else (False, None)


@cache
def nobodys() -> str:
    """Return what a password is held against that nobody has."""
    return hashed(secrets.token_urlsafe())


@cache
def hasher() -> PasswordHash:
    """Return what hashes and verifies, at our cost."""
    from pwdlib import PasswordHash  # noqa: PLC0415 - whoever only reads the chain does without
    from pwdlib.hashers.argon2 import Argon2Hasher  # noqa: PLC0415 - as above

    return PasswordHash((Argon2Hasher(time_cost=_ROUNDS, memory_cost=_MEMORY_KIB, parallelism=_LANES),))


def _plain(password: str) -> str:
    return unicodedata.normalize("NFKC", password).encode(errors="replace").decode()


def _is_common(plain: str) -> bool:
    core = plain.strip("".join(filter(lambda sign: not sign.isalpha(), plain)))
    spelled = _letters(plain), _letters(core.translate(_STAND_FOR))
    return any(plain in row for row in _ROWS) or any(_repeats(text, word) for word in _COMMON for text in spelled)


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text))


def _repeats(letters: str, word: str) -> bool:
    return word != "" and letters != "" and letters.replace(word, "") == ""
