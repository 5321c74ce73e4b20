"""What people write to the people of this site: the forms, the sender's page, and the pages on which it is read."""
