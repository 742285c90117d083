"""Finds what records name and quote: order, case and invoice numbers, as patterns find them or as people write them.

Works on the temporary table `happened` and leaves `target` (what can be meant) and `mention` (activity_id, golden_id,
how, exact, key, number, has_cue). `how`: it is `named` (about), `quoted` (by a pattern of joinedup.yaml), `found` in
the text, or an invoice `has` it as its own, since many shops number an invoice like its order. Invariant: nothing of a
text is a mention unless some record has that reference; "so 17802" and "SO-00017802" have one key, and "order 17802"
has that one's number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.tables.landing import HOLDS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_KINDS = ", ".join(f"'{kind}'" for kind in HOLDS)

LONGEST_TEXT = 20_000
"""Characters of a text that are looked through; what follows is seldom the sender's own words."""

SHORTEST_NUMBER = 4
"""Digits, as written, that a bare number needs to be somebody's order: "2 lamps" and "page 117" mean none."""

MOST_OF_ONE_REFERENCE = 100
"""From more activities on with one reference it is nobody's own number, but a filler such as "n/a", or a shop's numbers
that begin anew: then only the customer's own can be meant."""

_CUES = (
    r"orders?|purchases?|invoices?|bills?|cases?|tickets?|requests?|ref|references?|numbers?|num|no"
    r"|bestell\pL*|auftrag\pL*|rechnung\pL*|vorgang\pL*|fall|ticket\pL*|nummer|nr|aktenzeichen|referenz"
    r"|commandes?|factures?|dossiers?|num[ée]ro|r[ée]f|r[ée]f[ée]rence"
    r"|pedidos?|facturas?|casos?|n[úu]mero|n[úu]m|referencia|ordin[ei]|fattur[ae]|bestelling\pL*|factuur\pL*"
)
_CUED = rf"(?i)(?:\b(?:{_CUES})\b|#|№|\bn[°º])(?:[^-_/\d\n!?][^\d\n!?]{{0,19}}?)?((?:\pL{{1,4}}[-_/.]?)?\d[\d-]{{2,}})"
"""A number that a word such as "order" goes before: "order number is 17802", "Bestellung Nr. 17802", "#17802"."""

_WORD = r"[\pL\d]+(?:[-_][\pL\d]+)*"
_WORDS = r"[\pL\d]+(?:[-_]?[/.][\pL\d]+)+(?:[-_][\pL\d]+)*"
"""Words and numbers with what holds them together; a slash or a dot may be part of a number, or stand between two."""
_APART = r"\b(\pL{1,6})[ \t]*[-:#.]?[ \t]*\d[\d-]{2,}"
"""A prefix that stands by itself: "SO 00017802", "so: 17802", "so #17802"."""


def _key(text: str) -> str:
    """Return SQL for letters and digits alone, in capitals, the digits without leading zeros; the text if none."""
    bare = f"regexp_replace(upper({text}), '[^\\pL\\pN]+', '', 'g')"
    return f"coalesce(nullif(regexp_replace({bare}, '(^|\\pL)0+(\\d)', '\\1\\2', 'g'), ''), upper(trim({text})))"


_TARGET = f"""
    CREATE OR REPLACE TEMP TABLE target AS
    SELECT *, regexp_extract(key, '^\\pL{{1,8}}(\\d+)$', 1) AS number,
        regexp_full_match(key, '\\d+') AS is_bare,
        count(*) OVER (PARTITION BY key) > {MOST_OF_ONE_REFERENCE} AS is_common
    FROM (
        SELECT activity_id, golden_id, kind, list_position([{_KINDS}], kind) AS place,
            upper(trim(reference)) AS exact, {_key("reference")} AS key
        FROM happened WHERE reference IS NOT NULL AND trim(reference) <> ''
    )
    """
_MENTION = f"""
    CREATE OR REPLACE TEMP TABLE mention AS
    WITH said AS (
        SELECT activity_id, golden_id, 'named' AS how, about AS token, true AS has_cue
        FROM happened WHERE about IS NOT NULL
        UNION
        SELECT activity_id, golden_id, 'quoted', unnest(quoted_references), true FROM happened
        UNION
        SELECT activity_id, golden_id, 'has', reference, true FROM happened WHERE kind = 'invoice' AND about IS NULL
    ), text AS (
        SELECT activity_id, golden_id, left(concat_ws(chr(10), subject, body), {LONGEST_TEXT}) AS text
        FROM happened WHERE kind IN ('message', 'case', 'interaction', 'invoice')
        AND regexp_matches(concat_ws(chr(10), subject, body), '\\d{{3}}')
    ), word AS (
        SELECT activity_id, golden_id, unnest(regexp_extract_all(text, '{_WORD}')) AS token, false AS has_cue FROM text
        UNION
        SELECT activity_id, golden_id, unnest(regexp_extract_all(text, '{_WORDS}')), false FROM text
        UNION
        SELECT activity_id, golden_id, unnest(regexp_extract_all(text, '{_APART}')), false FROM text
        UNION
        SELECT activity_id, golden_id, unnest(regexp_extract_all(text, '{_CUED}', 1)), true FROM text
    ), found AS (
        SELECT activity_id, golden_id, 'found' AS how, token, has_cue
        FROM word WHERE regexp_matches(token, '\\d.*\\d.*\\d')
    ), spelt AS (
        SELECT activity_id, golden_id, how, upper(trim(token)) AS exact, {_key("token")} AS key,
            bool_or(has_cue) AS has_cue
        FROM (FROM said UNION ALL FROM found) WHERE trim(token) <> ''
        GROUP BY ALL
    )
    SELECT *, CASE
        WHEN has_cue AND regexp_full_match(exact, '[\\d-]{{{SHORTEST_NUMBER},}}') THEN regexp_extract(key, '^\\d+$')
        ELSE ''
    END AS number
    FROM spelt
    WHERE how <> 'found' OR key IN (SELECT key FROM target) OR number IN (SELECT number FROM target WHERE number <> '')
    """


def find_mentions(con: DuckDBPyConnection) -> None:
    """Make `target` and `mention`."""
    con.execute(_TARGET)
    con.execute(_MENTION)
