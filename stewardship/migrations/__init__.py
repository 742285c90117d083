"""The shape of the stewards' log over time, as Alembic keeps it; each step commits with the record of it."""
