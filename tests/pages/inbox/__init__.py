"""Messages to the people of a site, for the pages that show them."""
