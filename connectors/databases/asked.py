"""A query's answer as a file of its source: read once, known by a hash of its rows in any order, and how far it went.

READS: the database; landing.file, landing.delivery, landing.lineage (how far it was read). WRITES: nothing.
Keeps: of an incremental source no row from the last accepted watermark on is left out, those that have this very one or
none included; what was landed and never published is read again.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow.compute

from connectors.databases import find_database
from connectors.databases.question import Question, plain_query
from connectors.databases.watermark import Watermark, earlier, later, read_stored
from connectors.formats.batch import UnreadableFile
from connectors.found_file import FoundFile
from connectors.record_keys import hash_sql
from warehouse.settings.secrets import mask_url, reveal_url, scrub
from warehouse.settings.sources import KeyHash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.delivery import Delivery
    from connectors.formats.batch import Batch

pc: Any = pyarrow.compute  # its stubs know too few of the types that its functions take


class Asked:
    """A database that is asked once."""

    def __init__(self, delivery: Delivery, question: Question) -> None:
        self._delivery = delivery
        self._question = question
        self._bytes = 0
        self._sums = [0, 0, 0]
        self._newest: Watermark | None = None

    def batches(self) -> Iterator[Batch]:
        """Yield the answer; raises UnreadableFile, without a secret in what it says."""
        url = self._delivery.source.files
        revealed = reveal_url(url)
        try:
            for answer in find_database(revealed).ask(revealed, self._delivery.run.workspace, self._question):
                self._newest = later(self._newest, answer.newest)
                self._count(answer.batch)
                yield answer.batch
        except UnreadableFile as error:
            raise UnreadableFile(scrub(str(error), url)) from None

    def as_read(self, file: FoundFile) -> FoundFile:
        """Return the file with what is known of it once all batches were read."""
        sha256 = hashlib.sha256(" ".join(map(str, self._sums)).encode()).hexdigest()
        newest = self._newest or self._question.since
        changed_at = newest.value if newest and newest.kind == "instant" else None
        return replace(
            file,
            sha256=sha256,
            bytes=self._bytes,
            watermark=newest.stored if newest else None,
            arrived_at=changed_at.replace(tzinfo=None) if isinstance(changed_at, datetime) else None,
        )

    def is_nothing_new(self, rows: int) -> bool:
        """Say whether an answer of so many rows means that nothing has happened since the watermark."""
        return rows == 0 and self._question.since is not None

    def _count(self, batch: Batch) -> None:
        """Add the bytes and the rows of a batch; the sum of their hashes is the same in any order."""
        names = batch.rows.column_names
        columns = {name: f"c{place}" for place, name in enumerate(names)}
        self._bytes += sum(pc.sum(pc.binary_length(column)).as_py() or 0 for column in batch.rows.columns)
        con = self._delivery.con
        con.register("answer_to_hash", batch.rows.rename_columns(list(columns.values())))
        query = f"SELECT {hash_sql(columns)} AS hash FROM answer_to_hash"
        found = con.execute(
            f"SELECT count(*), sum(md5_number_lower(hash)), sum(md5_number_upper(hash)) FROM ({query})"
        ).fetchall()[0]
        con.unregister("answer_to_hash")
        self._sums = [total + int(part or 0) for total, part in zip(self._sums, found, strict=True)]
        for bad in batch.bad:
            self._bytes += len(bad.raw.encode())
            self._sums[0] += 1
            self._sums[1] += int.from_bytes(hashlib.sha256(bad.raw.encode()).digest()[:8])


def database_file(delivery: Delivery) -> FoundFile:
    """Return what is to be asked of the source's database tonight, as a file to read."""
    source = delivery.source
    path = mask_url(source.files)
    since = _since(delivery, path)
    if since is not None and source.options.look_back is not None:
        since = earlier(since, source.options.look_back)
    whole = () if source.rows == "records" or isinstance(source.key, KeyHash) else source.key
    question = Question(plain_query(source.options.query or ""), source.options.watermark, since, whole)
    return FoundFile(path, None, "", 0, answer=Asked(delivery, question))


def _since(delivery: Delivery, path: str) -> Watermark | None:
    """Return the watermark of the newest accepted reading of the same query; None where all is to be read.

    Readings under another mapping or from another database do not count, nor those from before the source was taken out
    of joinedup.yaml: its records were deleted then.
    """
    if delivery.source.load == "full" or delivery.source.options.watermark is None or delivery.run.full:
        return None
    row = delivery.con.execute(
        """WITH accepted AS (
            SELECT delivery.*, lineage.position FROM landing.delivery AS delivery
            JOIN landing.lineage AS lineage ON lineage.run_id = delivery.run_id AND lineage.position >= 1
            WHERE delivery.source = ?)
        SELECT file.watermark FROM accepted JOIN landing.file AS file USING (delivery_id)
        WHERE file.watermark IS NOT NULL AND file.left_because IS NULL AND file.path = ? AND accepted.mapping_hash = ?
        AND accepted.position < ALL (SELECT position FROM accepted WHERE outcome = 'withdrawn')
        ORDER BY accepted.position LIMIT 1""",
        [delivery.name, path, delivery.mapping],
    ).fetchone()
    return None if row is None else read_stored(row[0])
