"""Help lines in words, and their words for translators."""
