"""What ties people of one household: the table that the matching hands on, and the words that are published."""

from __future__ import annotations

from itertools import combinations

from warehouse.table_spec import Column, TableSpec

HOUSEHOLD_BASES = (
    "address",
    "address_and_email",
    "address_and_email_and_phone",
    "address_and_phone",
    "email",
    "email_and_phone",
    "phone",
)
"""What people of one household share: every combination of a dwelling, a mailbox and a telephone number."""

SAID_SO = "decision"
"""What ties people of one household where a steward said that they live together."""

MEMBER_BASES = tuple(
    "_and_".join(sorted(kinds))
    for count in range(1, 5)
    for kinds in combinations(("address", SAID_SO, "email", "phone"), count)
)
"""The same, and a steward's word."""

HOUSEHOLD_TIE = TableSpec(
    schema="matching",
    name="household_tie",
    grain="pair of clusters that are two people and live together",
    key=("cluster_id_l", "cluster_id_r"),
    columns=(
        Column("cluster_id_l", "VARCHAR", "the lesser id", nullable=False),
        Column("cluster_id_r", "VARCHAR", "the greater id", nullable=False),
        Column("basis", "VARCHAR", "what they share, in kinds", nullable=False, values=HOUSEHOLD_BASES),
        Column("shared", "VARCHAR[]", "what they share, each as `kind:value`, sorted", nullable=False, personal=True),
        Column("dwell_together", "BOOLEAN", "they share a dwelling, at the same time", nullable=False),
        Column(
            "household_probability",
            "DOUBLE",
            "posterior of the household class, by all that their records say",
            nullable=False,
        ),
    ),
)
