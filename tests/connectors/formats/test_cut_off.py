"""Files that end too early, wherever the end is: told apart from files that are broken."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from connectors.formats import find_format
from connectors.formats.batch import UnfinishedFile, UnreadableFile
from connectors.formats.json_rows import ends_early
from warehouse.settings import SourceSettings

if TYPE_CHECKING:
    from connectors.formats.batch import BadRecord

WHOLE = 'id,name,mail\n1,"Ann ""A"" Brö\nwn",a@x\n2,Bob,b@x\n'
DOCUMENT = {"id": -12.5e-3, "t": [True, False, None], "x": {"y": 'a "b" \\ ü \n é', "z": []}}


def bad(name: str, data: bytes, **options: Any) -> list[BadRecord]:  # noqa: ANN401 - any option
    source = SourceSettings.model_validate(
        {"holds": "account", "files": "x", "format": name, "key": "id", "options": options}
    )
    known = find_format(name)
    assert known is not None
    return [record for batch in known.read(io.BytesIO(data), source) for record in batch.bad]


def test_text_is_cut_off_wherever_a_field_is_missing() -> None:
    """Cut behind its last delimiter, or at its end, a row looks whole, and nothing can tell."""
    rows = "1,Ann,a@x\n2,Bob,b@x\n"
    for end in range(1, len(rows)):
        last = rows[:end].rpartition("\n")[2]
        found = any(record.cut_off for record in bad("csv", f"id,name,mail\n{rows[:end]}".encode()))
        assert found == (bool(last) and last.count(",") < 2), rows[:end]


@pytest.mark.parametrize("end", ['3,"Ci', '3,"Ci\nd', '3,Cid,"c@x', '3,"Ci\nd",c@x\n4'])
def test_text_is_cut_off_within_quotes(end: str) -> None:
    assert [record.cut_off for record in bad("csv", (WHOLE + end).encode())][-1]


@pytest.mark.parametrize(
    "end",
    ["3,too,many,fields", '3,"B"ob,b@x', "3,Cid,c@x", "3,Cid\n", "\x1a", " ", "\n"],
    ids=["too many fields", "a stray quote", "a whole row", "a line end", "an end mark", "a blank", "an empty line"],
)
def test_what_is_broken_or_whole_is_not_cut_off(end: str) -> None:
    assert [record for record in bad("csv", (WHOLE + end).encode()) if record.cut_off] == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-32", "gb18030"])
def test_half_a_character_at_the_end_is_cut_off(encoding: str) -> None:
    with pytest.raises(UnfinishedFile, match="it ends in the middle of a character"):
        bad("csv", (WHOLE + "3,Bjö").encode(encoding)[:-1], encoding=encoding)


def test_a_byte_of_another_encoding_is_not_cut_off() -> None:
    with pytest.raises(UnreadableFile, match="set options") as error:
        bad("csv", (WHOLE + "3,Björn,x\n").encode("cp1252"))
    assert not isinstance(error.value, UnfinishedFile)


@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_every_beginning_of_an_object_ends_early(ensure_ascii: bool) -> None:
    text = json.dumps(DOCUMENT, ensure_ascii=ensure_ascii)
    for end in range(1, len(text)):
        with pytest.raises(json.JSONDecodeError) as error:
            json.loads(text[:end])
        assert ends_early(error.value), text[:end]


@pytest.mark.parametrize("text", ['{"a":2,}', '{"a":}', '{"a" 1}', '{"a":01}', '{"a":1}}', "{a:1}", '{"a":tru3}'])
def test_broken_json_does_not_end_early(text: str) -> None:
    with pytest.raises(json.JSONDecodeError) as error:
        json.loads(text)
    assert not ends_early(error.value)


def test_a_line_of_json_is_cut_off_at_the_end_alone() -> None:
    assert [record.cut_off for record in bad("jsonl", b'{"id": 1, "na\n{"id": 2, "na')] == [False, True]
    assert [record.cut_off for record in bad("jsonl", b'{"id": 1}\n{"id": 2,}')] == [False]
