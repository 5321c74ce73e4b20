"""What people write to the people of this site, and what is answered."""
