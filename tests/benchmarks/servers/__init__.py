"""Servers that benchmarks ask, in processes of their own."""
