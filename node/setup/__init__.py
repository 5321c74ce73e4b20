"""The guided set-up: from an empty folder to a listed chapter, in the browser of whoever has the one-time link."""
