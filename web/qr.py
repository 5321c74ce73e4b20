"""A code that a phone's camera reads, as an image in the page's own address: the CSP allows `data:` for images."""


def qr(text: str) -> str:
    """`text` as the data URI of an SVG: black on white with its quiet zone, whatever the page's ground is."""
    import segno  # where it is used: 0.7 MB that most processes never need

    return str(segno.make(text, micro=False, error="m").svg_data_uri(scale=4, border=4, dark="#000", light="#fff"))
