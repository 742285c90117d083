"""The ground floor every room stands on: connection, table specs, settings, errors, releases."""
