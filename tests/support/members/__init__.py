"""What tests of members are made of: an authenticator, captured letters, a mail server."""
