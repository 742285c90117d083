"""What standardised values must be before they are compared: all there, in comparison form, in one order."""

from __future__ import annotations

from quality.suite import Count, Suite, between, counted, rows, rows_where, without
from warehouse.tables.landing import EXCLUSION_REASONS

SUFFIXES = ("jr", "sr", "ii", "iii", "iv", "v")
SORTED_LISTS = ("nicknames", "emails", "phones", "identifiers", "quoted")
NAMES = ("given", "middle", "family", "organisation")

_STANDARDISED = "matching.standardised"
_RECORD = ("source", "source_record_id")
_CLAIMED = f"""(SELECT {", ".join(_RECORD)} FROM matching.standardised
    UNION ALL SELECT {", ".join(_RECORD)} FROM matching.excluded_record)"""

SUITES = (
    counted(
        "matching_standardised_all",
        "standardised",
        _STANDARDISED,
        (
            Count(
                "lost",
                "no live record is lost on the way to matching",
                without("landing.live_record", _CLAIMED, *_RECORD),
            ),
            Count(
                "in_both",
                "a record is somebody's or nobody's, not both",
                "SELECT count(*) FROM matching.standardised SEMI JOIN matching.excluded_record"
                " USING (source, source_record_id)",
            ),
            Count("not_live", "a deleted record is not matched", without(_CLAIMED, "landing.live_record", *_RECORD)),
            Count(
                "excluded_on_landing",
                "a newsletter or a bounce is nobody's",
                "SELECT count(*) FROM matching.standardised SEMI JOIN"
                " (FROM landing.live_record WHERE excluded_reason IS NOT NULL) USING (source, source_record_id)",
            ),
            Count(
                "reason_unlisted",
                "why a record is nobody's comes from a closed list",
                rows_where("matching.excluded_record", f"reason NOT IN {EXCLUSION_REASONS}"),
            ),
        ),
    ),
    counted(
        "matching_standardised_values",
        "standardised",
        _STANDARDISED,
        (
            Count(
                "suffix_unlisted",
                "generations are compared by a closed list",
                rows(f"suffix NOT IN {SUFFIXES}"),
            ),
            Count(
                "email_malformed",
                "only usable e-mails are evidence",
                rows(r"NOT regexp_full_match(email, '[^@\s]+@[^@\s]+')"),
            ),
            Count(
                "phone_malformed",
                "phones are compared by at most seven digits",
                rows("NOT regexp_full_match(phone, '[0-9]{1,7}')"),
            ),
            Count(
                "name_empty",
                "an empty name is no name",
                rows(" OR ".join(f"trim({name}) = ''" for name in NAMES)),
            ),
            Count(
                "email_not_listed",
                "the e-mail and the phone that are compared are among the record's own",
                rows(
                    "email IS NOT NULL AND NOT coalesce(list_contains(emails, email), false)"
                    " OR phone IS NOT NULL AND NOT"
                    " coalesce(len(list_filter(phones, lambda each: ends_with(each, phone))) > 0, false)",
                ),
            ),
            Count(
                "list_unsorted",
                "the order of a list does not depend on the order of the export",
                rows(" OR ".join(f"{name} <> list_sort({name})" for name in SORTED_LISTS)),
            ),
        ),
    ),
    Suite(
        name="matching_excluded",
        group="standardised",
        table="matching.excluded_record",
        query="""
            SELECT count(x.source) / count(*) AS share_without_identity,
                format('{}: {} of {} records', l.source, count(x.source), count(*)) AS said
            FROM landing.live_record AS l
            LEFT JOIN (FROM matching.excluded_record WHERE reason = 'no_identity') AS x USING (source, source_record_id)
            GROUP BY l.source""",
        named_by="said",
        expectations=(
            between(
                "share_without_identity",
                0,
                0.5,
                "the mapping finds names and contacts in most records of a source",
                "warning",
                advice="look at the source's fields in joinedup.yaml",
            ),
        ),
    ),
)
