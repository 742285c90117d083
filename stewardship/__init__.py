"""People deciding: the log of what stewards have decided, and how it binds the night.

`store` is where the log is kept, `entry` one entry of it, `log` what is said in one transaction, `standing` what it
says as it stands. `answer` is how a steward adds to it, `decide` the same at the command line, `transfer` how a log
comes from or goes to a file. `bind_rulings` and `bind_decisions` are the stages that hand it to the night.
"""
