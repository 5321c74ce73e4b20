"""Tests of web.formats."""
