"""People deciding: the log of what stewards have decided, and how it binds the night.

`store` is the log, `standing` what it says as it stands, `decide` how a steward adds to it, `transfer` how a log
comes from or goes to a file, `bind_decisions` the stage that hands it to the matching.
"""
