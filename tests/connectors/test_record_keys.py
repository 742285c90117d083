from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.connectors.conftest import Typing

PART = st.text(st.sampled_from(list("a|\\:1 é\x00")), min_size=1, max_size=4)


@pytest.mark.parametrize("text", ["007", " 7 ", "SO-1|x\\", "Ünï", "a\x00b", "0"])
def test_a_key_is_text_byte_for_byte(typing: Typing, text: str) -> None:
    assert typing.one({}, id=text)["source_record_id"] == text


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.tuples(PART, PART), second=st.tuples(PART, PART))
def test_keys_of_several_columns_cannot_meet(typing: Typing, first: tuple[str, str], second: tuple[str, str]) -> None:
    texts: list[dict[str, str | None]] = [{"a": pair[0], "b": pair[1]} for pair in (first, second)]
    rows = typing.rows({"key": ["a", "b"]}, *texts)
    assert (rows[0]["source_record_id"] == rows[1]["source_record_id"]) == (first == second)


def test_keys_of_several_columns_are_spelt_out(typing: Typing) -> None:
    assert typing.one({"key": ["a", "b"]}, a="x|y", b="\\")["source_record_id"] == r"x\|y|\\"


def test_hashed_keys(typing: Typing) -> None:
    mapping = {"key": {"hash": ["a", "b"]}}
    expected = hashlib.sha256("2:é 0:".encode()).hexdigest()
    assert typing.one(mapping, a="é", b="")["source_record_id"] == f"sha256:{expected}"
    keys = {row["source_record_id"] for row in typing.rows(mapping, {"a": "12"}, {"a": "1", "b": "2"}, {"b": "12"})}
    assert len(keys) == 3


@pytest.mark.parametrize(
    ("key", "texts"),
    [
        ("id", {"id": ""}),
        ("id", {"id": None}),
        (["id", "b"], {"id": "1", "b": ""}),
        ({"hash": ["id", "b"]}, {"id": "", "b": None}),
    ],
)
def test_a_record_without_a_key_is_quarantined(typing: Typing, key: object, texts: dict[str, str | None]) -> None:
    row = typing.one({"key": key}, **texts)
    assert (row["_reason"], row["source_record_id"]) == ("no_key", None)
    assert row["_detail"].startswith("id")


def test_a_row_is_kept_as_delivered(typing: Typing) -> None:
    texts = {"id": "1", "": "", "Na\nme": 'say "hi"', "n": None}
    assert json.loads(typing.one({}, **texts)["raw"]) == texts


def test_the_hash_sees_content_alone(typing: Typing) -> None:
    same = [
        typing.one({}, id="1", a="x", b="")["record_hash"],
        typing.one({}, b=None, a="x", id="1")["record_hash"],
        typing.one({"options": {"nulls": ["x"]}}, id="1", a="x")["record_hash"],
    ]
    others = [
        typing.one({}, id="1", a="", b="x")["record_hash"],
        typing.one({}, id="1", a="x ")["record_hash"],
        typing.one({}, id="1", A="x")["record_hash"],
    ]
    assert len(set(same)) == 1
    assert len({*same, *others}) == 4
