"""What concerns people, in words: accounts, who comes, the rota, the day of a run, letters."""
