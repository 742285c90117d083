from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from connectors.formats import mbox
from connectors.formats.batch import EmptyFile
from connectors.mail.columns import MAIL_COLUMNS
from warehouse.settings import SourceSettings

if TYPE_CHECKING:
    from tests.connectors.formats.conftest import ReadBytes

MAIL = (
    "From jo@x.example Mon May 03 03:03:15 2021\n"
    "Message-ID: {id}\nDate: Mon, 03 May 2021 03:03:15 -0800\nFrom: Jo Doe <jo@x.example>\n"
    "To: support@shop.example, Other <o@x.example>\nSubject: Order SO-1\n\nPlease help.\n\n"
)


def test_each_message_is_a_row_with_its_line(read_bytes: ReadBytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mbox, "MESSAGES_PER_BATCH", 2)
    content = "".join(MAIL.format(id=f"<{number}@x>") for number in range(5)).encode()
    found = read_bytes(content, "mbox", own_addresses=("support@shop.example",))
    assert found.columns == list(MAIL_COLUMNS)
    assert found.lines == [1, 10, 19, 28, 37]
    assert [row["key"] for row in found.rows] == [f"<{number}@x>" for number in range(5)]
    first = found.rows[0]
    assert first["party_address"] == "jo@x.example"
    assert first["to"] == '["support@shop.example", "Other <o@x.example>"]'
    assert first["cc"] is None


def test_a_batch_holds_no_more_than_some_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mbox, "BYTES_PER_BATCH", 300)
    content = "".join(MAIL.format(id=f"<{number}@x>") for number in range(5)).encode()
    source = SourceSettings.model_validate({"holds": "message", "files": "x", "format": "mbox"})
    assert [batch.rows.num_rows for batch in mbox.read(BytesIO(content), source)] == [2, 2, 1]


def test_what_stands_before_the_first_message_is_kept(read_bytes: ReadBytes) -> None:
    found = read_bytes(b"stray text\n\n" + MAIL.format(id="<1@x>").encode(), "mbox")
    assert [row["key"] for row in found.rows] == ["<1@x>"]
    (bad,) = found.bad
    assert (bad.line, bad.reason, bad.raw) == (1, "unreadable_mail", "stray text\n")


def test_a_message_that_is_too_large_keeps_its_key(read_bytes: ReadBytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mbox, "LARGEST_MESSAGE", 500)
    large = MAIL.format(id="<1@x>").replace("help.", "help." + "x" * 1000)
    found = read_bytes((large + MAIL.format(id="<2@x>")).encode(), "mbox")
    assert [row["key"] for row in found.rows] == ["<2@x>"]
    (bad,) = found.bad
    assert bad.fields["key"] == "<1@x>"
    assert "larger than the 500 bytes allowed" in bad.detail


def test_no_message_at_all(read_bytes: ReadBytes) -> None:
    with pytest.raises(EmptyFile):
        read_bytes(b"", "mbox")
