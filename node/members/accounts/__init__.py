"""Accounts: roles, invitations, and ways to sign in without a password."""
