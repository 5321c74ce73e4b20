"""The looks at each page, by whom it is for. Keys are the rules of the URL map."""
