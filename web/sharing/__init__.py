"""What carries a run out of this site: a page's head, pictures, feeds, posters, printed lists."""
