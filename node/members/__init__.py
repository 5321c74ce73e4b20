"""People: accounts, the rota, who is coming, the day of a run. Nothing here is ever in a federated document."""
