from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest

from tests.connectors.test_land_mail import mail
from warehouse.errors import SourceError

if TYPE_CHECKING:
    from tests.connectors.conftest import Nights

FOLDERS: dict[str, Any] = {
    "holds": "message",
    "files": "box*",
    "format": "maildir",
    "load": "incremental",
    "own_addresses": ["support@shop.example"],
}
FILES = {**FOLDERS, "files": "mails/**/*.eml*", "format": "eml"}


def message(number: int, text: str = "Where is SO-17?") -> bytes:
    return mail(number, text=text).partition("\n")[2].rstrip("\n").encode()


def test_a_maildir_is_its_mails(nights: Nights) -> None:
    for number, name in enumerate(
        [
            "box/cur/1.M1P1.host:2,S",
            "box/new/2.M2P2.host",
            "box/.Sent/cur/3.M3P3.host,U=3:2,",
            "box/.Sent.2024/new/4.M4P4.host",
            "box [a]/cur/5!2,RS",
        ]
    ):
        nights.write(name, message(number))
    for name in ("box/tmp/6.host", "box/.Sent/tmp/7.host", "box/cur/.DS_Store", "box/dovecot.index", "box/.Sent/x"):
        nights.write(name, "no mail")
    figures = nights.land({"mail": FOLDERS})["mail"]
    assert (figures["read"], figures["new"], figures["quarantined"]) == (5, 5, 0)
    assert nights.live("source_record_id") == [(f"<{number}@x>",) for number in range(5)]
    paths = [path for (path,) in nights.con.execute("SELECT path FROM landing.file ORDER BY path").fetchall()]
    assert paths[:2] == ["box [a]/cur/5!2,RS", "box/.Sent.2024/new/4.M4P4.host"]


@pytest.mark.parametrize(
    ("files", "read"),
    [("post/box", 3), ("post/box/", 3), ("post/box/*", 2), ("post", 3), ("post/**", 3), ("post/*/cur/*", 1)],
)
def test_it_is_found_by_itself_by_what_is_around_it_and_by_what_is_in_it(nights: Nights, files: str, read: int) -> None:
    for number, name in enumerate(["box/cur/1:2,S", "box/new/2", "box/.Sent/cur/3", "box/tmp/4", "box/cur/.5", "note"]):
        nights.write(f"post/{name}", message(number))
    figures = nights.land({"mail": {**FOLDERS, "files": files}})["mail"]
    assert (figures["read"], figures["new"]) == (read, read)


def test_a_mail_that_was_read_and_flagged_is_no_new_one(nights: Nights) -> None:
    path = nights.write("box/new/1.host", message(1))
    nights.write("box/new/2.host", message(2))
    nights.land({"mail": FOLDERS})
    (nights.workspace / "box/cur").mkdir()
    path.rename(nights.workspace / "box/cur/1.host:2,S")
    nights.write("box/new/3.host", message(3))
    figures = nights.land({"mail": FOLDERS})["mail"]
    assert (figures["new"], figures["changed"], figures["quarantined"], figures["deleted"]) == (1, 0, 0, 0)
    full = nights.land({"mail": {**FOLDERS, "load": "full"}})["mail"]
    assert (full["read"], full["unchanged"], full["deleted"]) == (3, 3, 0)


def test_of_folders_the_latest_is_a_folder(nights: Nights) -> None:
    nights.write("box1/cur/1", message(1))
    nights.write("box2/cur/2", message(2))
    nights.write("box2/new/3", message(3))
    nights.land({"mail": {**FOLDERS, "take": "latest"}})
    assert nights.live("source_record_id") == [("<2@x>",), ("<3@x>",)]


def test_a_maildir_without_mails_is_missing_in_full_and_nothing_new_otherwise(nights: Nights) -> None:
    (nights.workspace / "box/cur").mkdir(parents=True)
    assert nights.land({"mail": FOLDERS})["mail"]["outcome"] == "nothing_new"
    with pytest.raises(SourceError, match="no file matches"):
        nights.land({"mail": {**FOLDERS, "load": "full"}})


def test_mails_in_files_of_their_own(nights: Nights) -> None:
    nights.write("mails/a/1.eml", message(1))
    nights.write("mails/2.eml.gz", gzip.compress(message(2)))
    nights.write("mails/empty.eml", b"")
    nights.write("mails/b/c/none.eml", "no mail at all")
    nights.write("mails/1 again.eml", message(1))
    nights.write("mails/other.eml", message(2, text="Something else."))
    figures = nights.land({"mail": {**FILES, "load": "full"}})["mail"]
    assert (figures["read"], figures["new"], figures["duplicate"], figures["quarantined"]) == (6, 2, 1, 3)
    assert nights.quarantine("path", "reason") == [
        ("mails/b/c/none.eml", "unreadable_mail"),
        ("mails/empty.eml", "unreadable_mail"),
        ("mails/other.eml", "same_id_other_content"),
    ]


def test_the_same_mail_in_two_formats_is_one_message(nights: Nights) -> None:
    quoted = mail(1, text="Hello\n\n>From now on").replace("Message-ID: <1@x>\n", "")
    nights.write("mail.mbox", quoted)
    nights.write("mails/1.eml", quoted.partition("\n")[2].replace("\n>From", "\nFrom").removesuffix("\n"))
    mbox = {**FILES, "files": "mail.mbox", "format": "mbox"}
    nights.land({"boxed": mbox, "filed": FILES})
    rows = nights.live("source_record_id", "record_hash", "body")
    assert len(rows) == 2
    assert rows[0] == rows[1]


def test_characters_that_no_text_has_land_as_they_are(nights: Nights) -> None:
    nights.write("mails/1.eml", message(1, text="nul \x00 bell \x07 \ufffe \U0001f600 end"))
    nights.land({"mail": FILES})
    assert nights.live("body") == [("nul \x00 bell \x07 \ufffe \U0001f600 end",)]
