"""Backups: made each night, sent elsewhere, put back, and rehearsed."""
