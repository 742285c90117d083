"""Composes the rooms into nights: stages in order, Dagster definitions and the command line."""
