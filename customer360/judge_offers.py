"""Judges which offers of joinedup.yaml fit which customers: the stage `judge_offers`.

READS: golden.customer, landing.live_record, landing.night, care.activity, care.item, care.profile, care.permission.
WRITES: care.offer.
Invariant: every customer has an answer to every offer, with its reason. Whether something may be offered at all is
asked last: a refusal or an open complaint takes an offer away, and nothing gives one that does not fit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from customer360.moments import local_sql
from customer360.returned import returned_sql
from warehouse.run import StageReport, as_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import timedelta

    from duckdb import DuckDBPyConnection

    from warehouse.run import Run
    from warehouse.settings import OfferSettings, Settings

READS = (
    "golden.customer",
    "landing.live_record",
    "landing.night",
    "care.activity",
    "care.item",
    "care.profile",
    "care.permission",
)
WRITES = ("care.offer",)

_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))

_RULE = """
    CREATE OR REPLACE TEMP TABLE rule (
        offer VARCHAR, say VARCHAR, channel VARCHAR, needs_consent BOOLEAN, bought VARCHAR, owns VARCHAR,
        anchor VARCHAR, within_time INTERVAL, before_time INTERVAL, within_told VARCHAR, before_told VARCHAR,
        not_since VARCHAR, not_ever VARCHAR, not_returned VARCHAR, experience VARCHAR[]
    )
    """
"""An offer's rule: what is asked for in words, null where it is not."""

_PATTERN = """
    CREATE OR REPLACE TEMP TABLE pattern (offer VARCHAR, part VARCHAR, place INTEGER, pattern VARCHAR, fitting VARCHAR)
    """

_NAMED = """
    CREATE OR REPLACE TEMP TABLE named AS
    SELECT offer, part, sku, min_by(fitting, place) AS fitting
    FROM pattern JOIN (SELECT DISTINCT sku FROM purchase) ON sku GLOB upper(pattern)
    GROUP BY offer, part, sku
    """
"""Which articles a rule names, in which of its parts; of what is owned also what fits it, by the first entry."""

_UNKNOWN = """
    SELECT count(*) FROM (
        SELECT DISTINCT pattern FROM pattern ANTI JOIN (SELECT DISTINCT sku FROM purchase) ON sku GLOB upper(pattern)
    )
    """
"""How many articles of the rules nobody ever bought: perhaps one is misspelt."""

_FOUND = """
    CREATE OR REPLACE TEMP TABLE found AS
    WITH aged AS (
        SELECT offer, part, golden_id, sku, fitting, "at", day, CASE
            WHEN NOT kept THEN 'returned'
            WHEN part = anchor AND coalesce("at" < $as_of - within_time, within_time IS NOT NULL) THEN 'too old'
            WHEN part = anchor AND coalesce("at" > $as_of - before_time, before_time IS NOT NULL) THEN 'too new'
            ELSE 'right' END AS age
        FROM purchase JOIN named USING (sku) JOIN rule USING (offer)
        WHERE part IN ('bought', 'owns')
    )
    FROM aged
    QUALIFY row_number() OVER (
        PARTITION BY offer, part, golden_id
        ORDER BY list_position(['right', 'too new', 'too old', 'returned'], age), "at" DESC NULLS LAST, sku
    ) = 1
    """
"""The purchase that an offer rests on: the latest as it is asked for, else the one that comes nearest to it."""

_AGAINST = """
    CREATE OR REPLACE TEMP TABLE against AS
    WITH bought AS (FROM purchase JOIN named USING (sku)), met AS (
        SELECT offer, part, golden_id, sku, "at", day FROM bought
        WHERE part = 'not_ever' AND kept OR part = 'not_returned' AND NOT kept
        UNION ALL
        SELECT offer, bought.part, golden_id, bought.sku, bought."at", bought.day
        FROM bought JOIN rule USING (offer) JOIN found USING (offer, golden_id)
        WHERE bought.part = 'not_since' AND found.part = anchor AND NOT coalesce(bought."at" < found."at", false)
    )
    FROM met
    QUALIFY row_number() OVER (PARTITION BY offer, part, golden_id ORDER BY "at" DESC NULLS LAST, sku) = 1
    """
"""The latest purchase that speaks against an offer, for each part of its rule."""


def _dated(purchase: str) -> str:
    """Return SQL for a purchase in words: the article and, where it is known, the day."""
    return f"{purchase}.sku || coalesce(' on ' || {purchase}.day, '')"


_OFFER = f"""
    INSERT INTO care.offer BY NAME
    WITH judged AS (
        SELECT golden_id, rule.offer, say, CASE
            WHEN bought IS NOT NULL AND this.sku IS NULL THEN 'bought no ' || bought
            WHEN this.age = 'returned' THEN 'sent back what was bought: ' || {_dated("this")}
            WHEN owns IS NOT NULL AND that.sku IS NULL THEN 'owns no ' || owns
            WHEN that.age = 'returned' THEN 'sent back what was bought: ' || {_dated("that")}
            WHEN this.age = 'too old' THEN 'bought ' || {_dated("this")} || ', more than ' || within_told || ' ago'
            WHEN that.age = 'too old' THEN 'bought ' || {_dated("that")} || ', more than ' || within_told || ' ago'
            WHEN this.age = 'too new' THEN 'bought ' || {_dated("this")} || ', less than ' || before_told || ' ago'
            WHEN that.age = 'too new' THEN 'bought ' || {_dated("that")} || ', less than ' || before_told || ' ago'
            WHEN since.sku IS NOT NULL THEN 'since then bought ' || {_dated("since")}
            WHEN ever.sku IS NOT NULL THEN 'bought ' || {_dated("ever")}
            WHEN sent_back.sku IS NOT NULL THEN 'sent back what was bought: ' || {_dated("sent_back")}
            WHEN NOT list_contains(rule.experience, profile.experience) THEN 'experience: ' || profile.experience
        END AS misfit, coalesce(nullif(concat_ws(', ',
            'bought ' || {_dated("this")},
            'owns ' || that.sku || ', which ' || that.fitting || ' fits',
            'no ' || not_since || ' since',
            'has no ' || not_ever,
            'never sent back ' || not_returned,
            CASE WHEN rule.experience IS NOT NULL THEN 'experience: ' || profile.experience END
        ), ''), 'fits everybody') AS fit, CASE
            WHEN NOT permission.allowed THEN permission.reason
            WHEN needs_consent AND permission.allowed IS NULL THEN 'has not agreed to marketing messages'
                || CASE channel WHEN 'any' THEN '' ELSE ' by ' || channel END
            WHEN NOT may_offer THEN may_offer_reason
        END AS forbidden
        FROM golden.customer AS customer CROSS JOIN rule
        JOIN care.profile AS profile USING (golden_id)
        LEFT JOIN (FROM found WHERE part = 'bought') AS this USING (golden_id, offer)
        LEFT JOIN (FROM found WHERE part = 'owns') AS that USING (golden_id, offer)
        LEFT JOIN (FROM against WHERE part = 'not_since') AS since USING (golden_id, offer)
        LEFT JOIN (FROM against WHERE part = 'not_ever') AS ever USING (golden_id, offer)
        LEFT JOIN (FROM against WHERE part = 'not_returned') AS sent_back USING (golden_id, offer)
        LEFT JOIN (FROM care.permission WHERE purpose = 'marketing') AS permission USING (golden_id, channel)
    )
    SELECT golden_id, offer, misfit IS NULL AND forbidden IS NULL AS eligible,
        coalesce(misfit, fit || coalesce('; but ' || forbidden, '')) AS reason, say
    FROM judged
    ORDER BY golden_id, offer
    """


def _purchase(zone: str) -> str:
    """Return SQL that makes `purchase`: what was bought on which day, and whether it was kept.

    It was not where the order was sent back, or credits leave nothing of it. An invoice counts where no order is known
    that it is about. Days are those of the zone.
    """
    local = local_sql('"at"', zone)
    day = f"strftime({local}, '%Y-%m-%d')"
    return f"""
    CREATE OR REPLACE TEMP TABLE purchase AS
    WITH bought AS (
        SELECT activity_id, golden_id, activity."at", {returned_sql("record.status")} AS is_returned
        FROM care.activity AS activity JOIN landing.live_record AS record USING (source, source_record_id)
        WHERE (kind = 'order' OR kind = 'invoice' AND about_activity_id IS NULL)
            AND state IS DISTINCT FROM 'cancelled' AND coalesce(activity."at" <= $as_of, true)
    ), line AS (
        SELECT golden_id, upper(trim(sku)) AS sku, bought."at", is_returned,
            coalesce(quantity, CASE WHEN item.amount < 0 THEN -1 ELSE 1 END) AS quantity
        FROM bought JOIN care.item AS item USING (activity_id)
        WHERE trim(sku) <> ''
    ), net AS (
        SELECT *, sum(quantity) FILTER (NOT is_returned) OVER (PARTITION BY golden_id, sku) AS left_over FROM line
    )
    SELECT DISTINCT golden_id, sku, "at", {day} AS day, NOT is_returned AND left_over > 0 AS kept
    FROM net WHERE quantity > 0
    """


def judge_offers(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Write what each customer may be offered.

    Its figures are how many articles of the rules nobody ever bought, where there are any, and how many get each offer.
    """
    con.execute("DELETE FROM care.offer")
    if not settings.offers:
        return StageReport(rows={WRITES[0]: 0})
    tonight = {"as_of": as_of(con)}
    con.execute(_RULE)
    con.executemany(f"INSERT INTO rule VALUES ({', '.join('?' * 15)})", [_rule(offer) for offer in settings.offers])
    con.execute(_PATTERN)
    patterns = [row for offer in settings.offers for row in _patterns(offer)]
    if patterns:
        con.executemany("INSERT INTO pattern VALUES (?, ?, ?, ?, ?)", patterns)
    con.execute(_purchase(settings.timezone), tonight)
    con.execute(_NAMED)
    unknown = con.execute(_UNKNOWN).fetchall()[0][0]
    con.execute(_FOUND, tonight)
    con.execute(_AGAINST)
    con.execute(_OFFER)
    for table in ("rule", "pattern", "purchase", "named", "found", "against"):
        con.execute(f"DROP TABLE {table}")
    told = con.execute(
        "SELECT offer, count(*), count(*) FILTER (eligible) FROM care.offer GROUP BY offer ORDER BY offer"
    ).fetchall()
    return StageReport(
        rows={WRITES[0]: sum(int(answers) for _, answers, _ in told)},
        figures=({"articles_nobody_bought": int(unknown)} if unknown else {})
        | {str(offer): int(eligible) for offer, _, eligible in told},
    )


def _rule(offer: OfferSettings) -> list[object]:
    """Return a row of `rule`."""
    rule = offer.rule
    owns = [article for fit in rule.fits for article in fit.owns]
    times = (rule.bought_within, rule.bought_before)
    return [
        *(offer.name, offer.say, offer.by, offer.needs_consent, _either(rule.bought), _either(owns)),
        "bought" if rule.bought else "owns",
        *times,
        *(None if time is None else _told(time) for time in times),
        *(_either(articles) for articles in (rule.not_bought_since, rule.not_bought, rule.not_returned)),
        list(rule.experience) or None,
    ]


def _patterns(offer: OfferSettings) -> Iterator[tuple[str, str, int, str, str | None]]:
    """Yield the rows of `pattern` for an offer."""
    rule = offer.rule
    parts = {
        "bought": rule.bought,
        "not_since": rule.not_bought_since,
        "not_ever": rule.not_bought,
        "not_returned": rule.not_returned,
    }
    for part, articles in parts.items():
        for place, article in enumerate(articles):
            yield offer.name, part, place, _glob(article), None
    for place, fit in enumerate(rule.fits):
        for article in fit.owns:
            yield offer.name, "owns", place, _glob(article), _either(fit.then)


def _glob(article: str) -> str:
    """Return the pattern for DuckDB's GLOB: * and ? mean what they do there, all else stands for itself."""
    return re.sub(r"([\\\[\]])", r"\\\1", article.strip())


def _either(articles: Iterable[str]) -> str | None:
    """Return articles in words, None for none."""
    return " or ".join(dict.fromkeys(articles)) or None


def _told(time: timedelta) -> str:
    """Return a length of time in the greatest unit that it is a whole number of."""
    seconds = int(time.total_seconds())
    unit, length = next((name, length) for name, length in _UNITS if seconds % length == 0)
    return f"{seconds // length} {unit}{'' if seconds == length else 's'}"
