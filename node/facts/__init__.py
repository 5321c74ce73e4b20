"""What a chapter says of its runs stays true: leads are asked from time to time, and told when they have gone quiet."""
