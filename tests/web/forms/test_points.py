"""Points in the spellings that maps copy."""

# ruff: noqa: RUF001 - the tests try letters that look alike

import pytest

from web.forms.point import read_point, read_precision, write_point

MONUMENT = (515101, -860)
GOOGLE = "https://www.google.com/maps"

SAME = [
    *(
        "51.5101, -0.0860",
        "51.5101,-0.086",
        "51.5101 -0.0860",
        "51.5101; -0.0860",
        " 51.5101 , -0.0860 ",
        "+51.5101, -0.0860",
    ),
    *("51.5101, −0.0860", "51.5101, –0.0860", "51.5101\u00a0, \u22120.0860", "５１.５１０１, -０.０８６０"),
    *("(51.5101, -0.0860)", "[51.5101, -0.0860]", "{51.5101; -0.0860}", "51.5101, -0.0860.", "(51.5101) (-0.0860)"),
    *("51,5101; -0,0860", "51,5101 -0,0860", "51,5101, -0,0860", "51,5101 / -0,0860"),
    *("51.5101° N, 0.0860° W", "51.5101°N 0.0860°W", "51.5101 N, 0.0860 W", "N 51.5101 W 0.0860", "N51.5101, W0.0860"),
    *("51.5101N 0.0860W", "51.5101º, -0.0860º", "0.0860° W, 51.5101° N", "51,5101° N; 0,0860° W", "51.5101°, -0.0860°"),
    *(
        "51°30'36.4\"N 0°05'09.6\"W",
        "51°30′36.4″N, 0°05′09.6″W",
        "51° 30’ 36.4” N, 0° 5’ 9.6” W",
        "51º30'36,4\"N 0º5'9,6\"W",
    ),
    *("51° 30.606' N, 0° 5.16' W", "N 51° 30.606' W 0° 5.16'", "51 30 36.4 N, 0 5 9.6 W", "51 30 36.4 N 0 5 9.6 W"),
    *("51°30'36.4''N 0°05'09.6''W", "51°30′36.4″N0°05′09.6″W", "51:30:36.4N, 0:5:9.6W", "51d30m36.4s N, 0d5m9.6s W"),
    f"{GOOGLE}/place/The+Monument/@51.5,-0.09,17z/data=!3m1!4b1!4m6!3m5!1s0x0:0x0!8m2!3d51.5101!4d-0.0860!16zL20",
    f"{GOOGLE}/@51.5101,-0.0860,17z",
    f"{GOOGLE}/search/?api=1&query=51.5101%2C-0.0860",
    f"{GOOGLE}/search/51.5101,+-0.0860?entry=tts",
    f"{GOOGLE}/dir//51.5101,-0.0860/@51.4,-0.1,12z",
    f"{GOOGLE}?q=51.5101,-0.0860",
    "https://maps.google.co.uk/maps?ll=51.5101,-0.0860&z=16",
    "maps.google.com/?q=loc:51.5101,-0.0860",
    "https://maps.apple.com/?ll=51.5101,-0.0860&q=The%20Monument",
    "https://maps.apple.com/place?address=Fish+Street+Hill&coordinate=51.5101,-0.0860&name=Monument",
    "https://maps.apple.com/?daddr=51.5101,-0.0860",
    "https://www.openstreetmap.org/?mlat=51.5101&mlon=-0.0860#map=18/51.6/-0.2",
    "https://www.openstreetmap.org/#map=19/51.5101/-0.0860",
    "https://www.openstreetmap.org/node/123#map=19/51.5101/-0.0860&layers=N",
    "geo:51.5101,-0.0860?z=17",
    "GEO:51.5101,-0.0860",
]


@pytest.mark.parametrize("text", SAME)
def test_a_point_is_read_as_maps_copy_it(text: str) -> None:
    assert read_point(text) == MONUMENT


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("51.510145680432034, -0.08590483169403148", (515101, -859)),
        ("-27.4770, 153.0200", (-274770, 1530200)),
        ("27.4770 S 153.0200 E", (-274770, 1530200)),
        ("27° 28′ 37.2″ S, 153° 1′ 12″ E", (-274770, 1530200)),
        ("51, 0", (510000, 0)),
        ("91.5, 0.1", (915000, 1000)),
        ("0, 0", (0, 0)),
    ],
)
def test_anywhere_on_the_globe(text: str, point: tuple[int, int]) -> None:
    assert read_point(text) == point


@pytest.mark.parametrize(
    "text",
    [
        *("", "51.5101", "The Monument", "EC3R 6HA", "PE1 1XS", "51.5101, -0.0860, 12", "51.5101° N, 0.0860° N"),
        *("N 51.5 N, W 0.1", "51 Station Road", "1, Market Square", "4101", "51°75' N, 0°5' W", "12:30, 13:30"),
        *("https://maps.app.goo.gl/AbCdEf123", "https://osm.org/go/euu4zL5", "https://example.org/about", "9" * 5000),
        *("https://www.google.com/maps/place/London", "51.5101, -0.0860 " * 300, "1 2 3", "---", "a, b"),
    ],
)
def test_what_is_no_point_is_a_name_to_look_up_or_an_error(text: str) -> None:
    assert read_point(text) is None


@pytest.mark.parametrize(
    ("typed", "metres"),
    [
        *(("51.5101, -0.0860", 10), ("51.510145680432034, -0.08590483169403148", 10), ("51,5101; -0,0860", 10)),
        *(
            ("51.51, -0.0861", 10),
            ("51.510, -0.086", 56),
            ("51.51, -0.09", 557),
            ("51.5, -0.1", 5_566),
            ("51, 0", 55_660),
        ),
        *(("51°30'36.4\"N 0°05'09.6\"W", 10), ("51°30'36\"N 0°05'09\"W", 16), ("51°30'N 0°05'W", 928)),
        *(("https://www.openstreetmap.org/?mlat=51.5101&mlon=-0.0860#map=18/51.6/-0.2", 10), ("geo:51.51,-0.09", 557)),
        *(("52.5731, -0.2416 ±40 m", 40), ("52.5736, -0.2478 ± 4040 m", 4_040), ("52.5736, -0.2478±0m", 1)),
        ("52.5736, -0.2478 ±999999 m", 100_000),
    ],
)
def test_a_point_is_as_exact_as_its_last_digit_or_as_it_says(typed: str, metres: int) -> None:
    assert read_precision(typed) == metres


@pytest.mark.parametrize("typed", ["", "London", "PE1 1XS", "±40 m", "https://example.org/"])
def test_what_is_no_point_is_not_exact_at_all(typed: str) -> None:
    assert read_precision(typed) is None


@pytest.mark.parametrize("metres", [None, 10, 40, 4_040])
def test_a_point_that_is_written_is_read_again(metres: int | None) -> None:
    text = write_point(525_731, -2_416, metres)
    assert read_point(text) == (525_731, -2_416)
    assert read_precision(text) == (metres or 10)
