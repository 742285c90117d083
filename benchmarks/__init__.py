"""Measurements of speed and memory; figures that matter are ratios within one run."""
