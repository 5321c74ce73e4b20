"""QR codes, as images inside the page: the CSP allows `data:` for images."""


def qr(text: str) -> str:
    """The code of `text`, as the data URI of an SVG: black on white with a quiet zone, on any ground."""
    import segno  # imported where it is used: 0.7 MB that most processes never need

    return str(segno.make(text, micro=False, error="m").svg_data_uri(scale=4, border=4, dark="#000", light="#fff"))
