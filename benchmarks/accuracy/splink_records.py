"""What Splink is given: the mapped columns of the exports, lightly normalised (lower case, trimmed).

READS landing.live_record of a workspace's night. WRITES one Parquet file. It has the records that a night takes for
somebody's, and of a mail its headers alone: no texts, no signatures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.connection import open_memory, quote_identifier, quote_literal
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

COLUMNS = {
    "first_name": "coalesce(given_name, CASE WHEN contains(full_name, ',') THEN split_part(trim(split_part(full_name,"
    " ',', 2)), ' ', 1) ELSE split_part(trim(full_name), ' ', 1) END)",
    "surname": "coalesce(family_name, CASE WHEN contains(full_name, ',') THEN split_part(full_name, ',', 1)"
    " WHEN contains(trim(full_name), ' ') THEN string_split(trim(full_name), ' ')[-1] END)",
    "organisation": "organisation",
    "dob": "birth_date::VARCHAR",
    "email": "emails[1]",
    "phone": r"right(regexp_replace(regexp_replace(lower(phones[1]), '(x|ext).*', ''), '\D', '', 'g'), 10)",
    "street": "coalesce(street, split_part(addresses[1], ',', 1))",
    "city": "coalesce(city, split_part(addresses[1], ',', 2))",
    "postcode": "coalesce(postal_code, regexp_extract(addresses[1], '([0-9]{4,5})(-[0-9]{4})?$', 1))",
}
"""Per column of Splink's table the SQL over a landed record."""


def write_records(workspace: Path, path: Path, extras: Sequence[str]) -> None:
    """Write the records to `path`: unique_id (source, unit separator, id), COLUMNS, and the `extras` by name."""
    further = {
        name: f"list_filter(extras, lambda extra: extra.name = {quote_literal(name)})[1].value"
        for name in extras
        if name not in COLUMNS
    }
    columns = ", ".join(
        f"nullif(lower(trim({sql})), '') AS {quote_identifier(name)}" for name, sql in (COLUMNS | further).items()
    )
    con = open_memory()
    warehouse = quote_literal(str(Workspace(workspace).warehouse_file))
    con.execute(f"ATTACH {warehouse} AS warehouse (READ_ONLY)")
    con.execute(f"""
        COPY (
            WITH chosen AS (
                SELECT source || chr(31) || source_record_id AS unique_id, {columns}
                FROM warehouse.landing.live_record WHERE excluded_reason IS NULL
            )
            SELECT *, first_name || ' ' || surname AS first_name_surname_concat FROM chosen ORDER BY unique_id
        ) TO {quote_literal(str(path))} (FORMAT parquet)
    """)
    con.close()
