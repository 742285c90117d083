"""Time the landing of an mbox against bare parsing of the same mails: `python -m benchmarks.mail [--mails N]`.

The mbox is generated, of mixed shapes: plain text in several encodings and character sets, HTML with and without a
plain alternative, attachments, quoted replies, signatures. Figures are CPU seconds of one process, and their ratios.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import fast_mail_parser

from connectors.formats.mbox import MBOX
from connectors.land import land_source
from connectors.mail.split_mbox import split_mbox
from warehouse.connection import open_memory, transaction
from warehouse.run import Run
from warehouse.settings import Settings
from warehouse.tables import landing

if TYPE_CHECKING:
    from collections.abc import Callable

MAILS = 5_000
ROUNDS = 3
_UNLIMITED = 1 << 40
_ANSWERED = 0.3
"""The share of mails that answer another and quote it."""
_TEXT = (
    "order parcel invoice address refund please where when arrived broken thanks again monday colour size small large"
    " delivery account password changed still waiting exchange receipt number shop reply tomorrow street house phone"
)
_WORDS = tuple(_TEXT.split())
_PEOPLE = ("Jo Doe", "Anna Müller", "Zoë García", "Li Wei", "Pat O'Neil", "Иван Петров")
_SOURCE = {
    "holds": "message",
    "files": "mail.mbox",
    "format": "mbox",
    "load": "incremental",
    "own_addresses": ["support@shop.example"],
}


def main() -> None:
    """Generate the mails, land them, parse them, and print both with their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=MAILS, help=f"how many (default: {MAILS})")
    count = parser.parse_args().mails
    content = write_mbox(count)
    raws = [message.raw for message in split_mbox(BytesIO(content), _UNLIMITED)]
    source = Settings.model_validate({"version": 1, "sources": {"mail": _SOURCE}}).sources["mail"]
    bare = _least(lambda: len(fast_mail_parser.parse_many(list[str | bytes](raws), threads=1)))
    read = _least(lambda: sum(batch.rows.num_rows for batch in MBOX.read(BytesIO(content), source)))
    with tempfile.TemporaryDirectory() as workspace:
        (Path(workspace) / "mail.mbox").write_bytes(content)
        landed = _least(lambda: _land(Path(workspace)))
    sys.stdout.write(f"{count:,} mails, {len(content) / 1e6:.1f} MB; CPU seconds, the least of {ROUNDS} rounds\n")
    for what, seconds in (("fast-mail-parser alone", bare), ("read to rows", read), ("landed", landed)):
        figures = f"{seconds:8.2f} s {1000 * seconds / count:7.3f} ms each {count / seconds:9,.0f}/s"
        sys.stdout.write(f"{what:24}{figures} {seconds / bare:6.1f}x\n")


def write_mbox(count: int, seed: int = 1) -> bytes:
    """Return an mbox of that many mails, the same for the same seed."""
    dice = random.Random(seed)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    mails = []
    for number in range(count):
        sent = start + timedelta(minutes=number)
        raw = _mail(dice, number, sent).as_bytes().replace(b"\r\n", b"\n").replace(b"\nFrom ", b"\n>From ")
        mails.append(f"From x@x.example {sent:%a %b %d %H:%M:%S %Y}\n".encode() + raw.rstrip(b"\n") + b"\n\n")
    return b"".join(mails)


def _mail(dice: random.Random, number: int, sent: datetime) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    name = dice.choice(_PEOPLE)
    theirs, ours = f"{name} <someone{number % 997}@post.example>", "Shop <support@shop.example>"
    answered = dice.random() < _ANSWERED
    message["Return-Path"] = f"<someone{number % 997}@post.example>"
    for hop in range(3):
        message["Received"] = (
            f"from a{hop}.post.example by b{hop}.shop.example with ESMTP id {number:x}; {sent:%c} +0000"
        )
    message["Message-ID"] = f"<{number}@post.example>"
    message["Date"] = sent
    message["From"], message["To"] = (ours, theirs) if answered else (theirs, ours)
    message["Subject"] = ("Re: " if answered else "") + f"{dice.choice(('Frage über', 'Question about'))} SO-{number}"
    if answered:
        message["In-Reply-To"] = message["References"] = f"<{number - 1}@post.example>"
    _SHAPES[dice.choices(range(len(_SHAPES)), _WEIGHTS)[0]](message, _text(dice, name, answered=answered), dice)
    return message


def _text(dice: random.Random, name: str, *, answered: bool) -> str:
    paragraphs = [" ".join(dice.choices(_WORDS, k=dice.randint(20, 60))).capitalize() for _ in range(3)]
    said = "Hello,\n\n" + ".\n\n".join(paragraphs) + f".\n\nKind regards,\n{name}\n10 Elm St\nSeattle WA 98122\n"
    quoted = "".join(f"> {line}\n" for line in paragraphs)
    return said + (f"\nOn Mon, 3 May 2021 at 10:00, Jo Doe <jo@x.example> wrote:\n{quoted}" if answered else "")


def _html(text: str) -> str:
    lines = "".join(f"<p>{line}</p>\n" for line in text.split("\n\n"))
    return f"<html><head><style>p {{color: #333}}</style></head><body><div>{lines}</div></body></html>"


def _plain(message: EmailMessage, text: str, _dice: random.Random) -> None:
    message.set_content(text.encode("ascii", "replace").decode())


def _quoted_printable(message: EmailMessage, text: str, _dice: random.Random) -> None:
    message.set_content(f"Grüße! {text}", cte="quoted-printable")


def _base64(message: EmailMessage, text: str, _dice: random.Random) -> None:
    message.set_content(f"Grüße! {text}", cte="base64")


def _eight_bit(message: EmailMessage, text: str, _dice: random.Random) -> None:
    message.set_content(f"Grüße! {text}".encode("latin-1", "replace").decode("latin-1"), charset="latin-1", cte="8bit")


def _alternative(message: EmailMessage, text: str, _dice: random.Random) -> None:
    message.set_content(text)
    message.add_alternative(_html(text), subtype="html")


def _only_html(message: EmailMessage, text: str, _dice: random.Random) -> None:
    message.set_content(_html(text), subtype="html")


def _attached(message: EmailMessage, text: str, dice: random.Random) -> None:
    message.set_content(text)
    message.add_alternative(_html(text), subtype="html")
    message.add_attachment(dice.randbytes(20_000), maintype="image", subtype="jpeg", filename="photo.jpg")


_SHAPES: tuple[Callable[[EmailMessage, str, random.Random], None], ...] = (
    _plain,
    _quoted_printable,
    _base64,
    _eight_bit,
    _alternative,
    _only_html,
    _attached,
)
_WEIGHTS = (30, 15, 5, 5, 30, 5, 10)


def _land(workspace: Path) -> int:
    con = open_memory()
    con.execute("CREATE SCHEMA landing")
    for spec in landing.TABLES:
        con.execute(spec.create_sql())
    con.execute("INSERT INTO landing.lineage VALUES ('n', 0)").fetchall()
    run = Run("n", workspace, datetime.now(UTC).replace(tzinfo=None))
    settings = Settings.model_validate({"version": 1, "sources": {"mail": _SOURCE}})
    with transaction(con):
        report = land_source(con, settings, run, "mail")
    con.close()
    return report.rows["landing.source_record"]


def _least(work: Callable[[], int]) -> float:
    """Return the CPU seconds of the quickest round, in all threads; the others met something else."""
    seconds = []
    for _ in range(ROUNDS):
        before = _cpu()
        work()
        seconds.append(_cpu() - before)
    return min(seconds)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
