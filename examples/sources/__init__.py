"""Larkspur Goods' further systems: small made-up exports for the pages under docs/sources."""
