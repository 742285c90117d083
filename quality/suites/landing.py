"""What landing must be before anything is matched: complete, accounted for, and of tonight."""

from __future__ import annotations

from quality.suite import Count, Suite, at_least, between, counted, none_of, rows, rows_where, without

SUITES = (
    counted(
        "landing_night",
        "landing",
        "landing.night",
        (
            Count("not_of_this_run", "landing is settled once a night", rows("run_id <> $run_id")),
            Count(
                "ahead_of_the_clock",
                "a time that is not given is the newest one accepted, never one to come",
                rows("as_of > $started_at AND NOT $as_of_given"),
            ),
        ),
    ),
    Suite(
        name="landing_delivery",
        group="landing",
        table="landing.delivery",
        query="""
            WITH stored AS (
                SELECT delivery_id, count(*) AS versions FROM landing.source_record
                WHERE run_id = $run_id AND path IS NOT NULL GROUP BY delivery_id
            ), published AS (
                SELECT source, source_record_id FROM base.crosswalk
                UNION ALL SELECT source, source_record_id FROM base.excluded_record
            ), gone AS (
                SELECT source, count(*) AS records FROM published
                ANTI JOIN landing.live_record USING (source, source_record_id) GROUP BY source
            ), appeared AS (
                SELECT source, count(*) AS records FROM landing.live_record
                ANTI JOIN published USING (source, source_record_id) GROUP BY source
            ), set_aside AS (
                SELECT delivery_id, count(*) AS records FROM landing.quarantine GROUP BY delivery_id
            ), dates AS (
                SELECT delivery_id, count(*) FILTER (len(unreadable) > 0) AS unreadable,
                    count(*) FILTER (birth_date IS NOT NULL OR len(unreadable) > 0) AS given
                FROM landing.source_record WHERE run_id = $run_id GROUP BY delivery_id
            ), delivered AS (
                SELECT delivery_id, sum(rows)::BIGINT AS rows, min(path) FILTER (left_because IS NULL) AS first_file
                FROM landing.file GROUP BY delivery_id
            ), before AS (
                SELECT delivery.source, arg_min(delivery.read, lineage.position) AS read
                FROM landing.delivery AS delivery
                JOIN landing.lineage AS lineage ON lineage.run_id = delivery.run_id AND lineage.position >= 1
                WHERE delivery.outcome = 'read' GROUP BY delivery.source
            )
            SELECT d.read AS rows_read,
                CASE WHEN d.outcome = 'read' THEN coalesce(e.min_rows, 0) ELSE 0 END AS rows_expected,
                CASE WHEN d.read > 0 AND d.read >= $and_at_least AND d.outcome <> 'replayed'
                     THEN d.quarantined / d.read ELSE 0 END AS quarantined_share,
                CASE WHEN d.read > 0 AND d.outcome <> 'replayed' THEN d.quarantined / d.read ELSE 0 END
                    AS quarantined_share_of_any,
                CASE WHEN dates.given >= $and_at_least THEN dates.unreadable / dates.given ELSE 0 END
                    AS unreadable_share,
                CASE WHEN epoch($stands_at) - epoch(d.newest_arrival) > e.every_seconds THEN 1 ELSE 0 END AS late,
                d.read - d.new - d.changed - d.unchanged - d.duplicate - d.superseded - d.quarantined AS unaccounted,
                least(d.read, d.new, d.changed, d.unchanged, d.duplicate, d.superseded, d.quarantined, d.deleted)
                    AS least_figure,
                greatest(0, d.new + d.changed - coalesce(stored.versions, 0)) AS versions_missing,
                greatest(0, coalesce(appeared.records, 0) - d.new - d.deleted) AS appeared_uncounted,
                d.deleted - coalesce(gone.records, 0) AS deleted_otherwise,
                d.quarantined - coalesce(set_aside.records, 0) AS quarantine_missing,
                CASE WHEN d.outcome = 'replayed' THEN 0
                     WHEN e.has_lines THEN greatest(0, d.read - coalesce(delivered.rows, 0))
                     ELSE d.read - coalesce(delivered.rows, 0) END AS file_rows_missing,
                format('{}: {} rows read, {} of them quarantined', d.source, d.read, d.quarantined)
                    || CASE WHEN rows_expected > 0 THEN format(', at least {} expected', rows_expected) ELSE '' END
                    || coalesce(format(', {} the time before', before.read), '')
                    || coalesce(format(' ({})', delivered.first_file), '')
                    AS said
            FROM landing.delivery AS d
            LEFT JOIN expected AS e USING (source)
            LEFT JOIN stored USING (delivery_id)
            LEFT JOIN gone USING (source)
            LEFT JOIN appeared USING (source)
            LEFT JOIN set_aside USING (delivery_id)
            LEFT JOIN dates USING (delivery_id)
            LEFT JOIN delivered USING (delivery_id)
            LEFT JOIN before ON before.source = d.source
            WHERE d.run_id = $run_id""",
        named_by="said",
        expectations=(
            at_least(
                "rows_read",
                "rows_expected",
                "an empty or truncated export deletes nobody",
                advice="ask for the export again; where so few rows are right, lower the source's expect.min_rows",
            ),
            none_of("unaccounted", "every row read is new, changed, unchanged, duplicate, superseded or quarantined"),
            between("least_figure", 0, None, "rows are counted, so no figure is negative"),
            none_of("versions_missing", "every new or changed row is stored"),
            none_of("appeared_uncounted", "what is live and was not published before has been delivered"),
            none_of("deleted_otherwise", "what was published and is not live has been counted as deleted"),
            none_of("quarantine_missing", "every row set aside is kept, with its reason"),
            none_of("file_rows_missing", "the files hold the rows that were read"),
            between(
                "quarantined_share",
                0,
                0.5,
                "a source whose format changed is not matched on what is left",
                advice="see `joinedup quarantine list`, then mend the export or the source's mapping",
            ),
            between(
                "quarantined_share_of_any",
                0,
                0.05,
                "broken rows are looked at",
                "warning",
                advice="see `joinedup quarantine list`",
            ),
            between(
                "unreadable_share",
                0,
                0.5,
                "birth dates whose format changed are not dropped from everybody",
                advice="give the source's fields.birth_date the format that the export has now, beside the old one",
            ),
            none_of(
                "late",
                "a source that has stopped delivering is noticed",
                "warning",
                advice="what it delivered last stands; ask why, or set expect.every to how often it delivers",
            ),
        ),
    ),
    counted(
        "landing_source",
        "landing",
        "landing.delivery",
        (
            Count(
                "without_delivery",
                "every source of joinedup.yaml was landed tonight",
                "SELECT count(*) FROM expected ANTI JOIN"
                " (FROM landing.delivery SELECT source WHERE run_id = $run_id) USING (source)",
            ),
        ),
    ),
    counted(
        "landing_live_record",
        "landing",
        "landing.live_record",
        (
            Count(
                "of_unknown_source",
                "a source that was taken out of joinedup.yaml has no live records",
                without("landing.live_record", "expected", "source"),
            ),
            Count(
                "of_other_history",
                "what a run landed that never published does not count",
                without("landing.live_record", "landing.lineage", "run_id"),
            ),
            Count(
                "born_in_the_future",
                "nobody is born in the future",
                rows_where(
                    "landing.live_record",
                    "birth_date > greatest($started_at::DATE, (SELECT max(as_of)::DATE FROM landing.night)) + 1",
                ),
            ),
        ),
    ),
    Suite(
        name="landing_live_record_values",
        group="landing",
        table="landing.live_record",
        query="SELECT trust, year(birth_date) AS birth_year FROM landing.live_record",
        personal=frozenset({"birth_year"}),
        expectations=(
            between("trust", 0, 100, "survivorship weighs sources from 0 to 100"),
            between("birth_year", 1900, None, "a birth date is that of a living person", "warning"),
        ),
    ),
)
