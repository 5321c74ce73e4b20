"""Forms of what people tell: accounts, who comes, holidays, the day of a run, what a first-timer reads."""
