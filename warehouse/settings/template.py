"""The commented joinedup.yaml that `joinedup init` writes."""

from __future__ import annotations

TEMPLATE = """\
# joinedup.yaml: what to read, and what its columns mean.
# `joinedup check` reads this file and the first 100 rows of each source through it, and changes nothing.
# `joinedup schema` prints a JSON Schema that makes editors complete and check this file.
version: 1
timezone: UTC            # for timestamps that carry none, such as America/New_York; everything stored is UTC
country: US              # default region for phones and postal codes, two letters

sources:
  # One entry per system that exports records; the name is yours. Put the exports into exports/.
  customers:
    holds: account       # order | invoice | account | message | case | interaction | campaign | inventory | known_issue
    files: exports/customers*.csv   # a glob in this folder, or a URL such as s3://…; .gz is read as it is
    format: csv          # csv | jsonl | json | parquet | xlsx | mbox | maildir | eml | sql (of a database)
    # options: {delimiter: ";", encoding: cp1252, nulls: ["", NULL]}   # nothing is guessed
    load: full           # full: an id that is gone was deleted | incremental: new and changed rows, never deletes
    key: customer_id     # or [column, column], or {hash: [column, column]}; always text
    # updated_at: {column: changed_on, format: "%Y-%m-%d"}
    # deleted: {column: status, equals: [deleted]}
    trust: 50            # 0 to 100: how much it is believed where sources differ
    fields:              # who it is: attribute <- column of the export; leave out what the export does not have
      given_name: first_name
      family_name: last_name
      email: email
      # full_name: name                      # one-line forms are parsed: full_name, address
      # organisation: company
      # birth_date: {column: born, format: "%m/%d/%Y"}
      # phone: [mobile, landline]            # e-mails, phones and addresses may be lists
      # street: {join: [house_number, street]}
      # city: city
      # region: state
      # postal_code: zip
      # country: country
      # identifier.loyalty: loyalty_no       # any number or handle that several exports share
      # extra.consent_marketing_email: newsletter   # yes or no, in words: who may be addressed how, and what for
    # activity:          # what goes on the customer's timeline
    #   at: {column: signed_up_on, format: "%Y-%m-%d"}
    #   reference: customer_id               # what others quote
    #   amount: {column: balance, decimal: ",", thousands: "."}
    #   currency: currency
    #   status: {column: status, open: [active], closed: [ended]}
    # links: [{source: other, record: other_id}]   # the key of another source's record
    # references: ['SO-\\d{8}']               # numbers that subject and body quote

  # Mail needs no fields: names and addresses come from headers and signatures.
  # mail:
  #   holds: message
  #   files: exports/*.mbox
  #   format: mbox
  #   load: incremental
  #   own_addresses: [support@shop.example]   # who "we" are

# What customers may be offered, and whom it fits: everybody gets an answer to each, with its reason.
# offers:
#   - name: kettle_filters
#     say: A filter for your kettle
#     by: email
#     for: {bought: "KETTLE-*", bought_within: 365d, not_bought_since: "FILTER-*"}

# What follows is optional; the values shown are the defaults.
# survivorship:
#   default: [trust, recency, frequency]     # also: completeness
#   attributes: {email: [recency, trust]}
# gate:                  # more than this in one night holds the candidate; counted from and_at_least on
#   max_merged_customers: 5%
#   max_split_customers: 2%
#   max_deleted_records: 20%
#   and_at_least: 20
# retention: {releases: 14, raw_days: 400}
"""
