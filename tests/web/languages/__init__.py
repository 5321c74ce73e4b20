"""The languages of our own texts: catalogues, formats, and that no text stands outside of them."""
