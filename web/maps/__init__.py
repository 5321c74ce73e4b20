"""Maps of the runs, drawn on the server as SVG: land and water from a file beside this module, pins that are links."""
