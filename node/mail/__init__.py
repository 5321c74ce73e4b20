"""Letters: the outbox in the database, and the way to the mail server."""
