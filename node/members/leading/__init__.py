"""Who leads which date: the rota, promises, and the search for a lead where nobody has promised."""
