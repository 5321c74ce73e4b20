"""What a chapter's node keeps of people: as little as possible, and each row with an end. None of it ever leaves."""
