"""What people type, and which place it means."""

import pytest

from node.places import gazetteer, lookup
from node.places.choice import Resolution
from node.places.names import fold, squash

pytestmark = pytest.mark.usefixtures("gazetteer")


def labels(found: list[gazetteer.Place]) -> list[str]:
    return [place.label for place in found]


def meant(text: str, home: str = "") -> str | None:
    place = lookup.resolve(text, home).place
    return place.label if place else None


def test_london_is_the_one_in_england() -> None:
    assert meant("London") == "London, England, United Kingdom"


def test_the_other_londons_are_still_offered() -> None:
    assert "London, Ontario, Canada" in labels(lookup.resolve("London").choices)


def test_peterborough_is_asked() -> None:
    resolution = lookup.resolve("Peterborough")
    assert resolution.place is None
    assert labels(resolution.choices) == [
        "Peterborough, England, United Kingdom",
        "Peterborough, Ontario, Canada",
        "Peterborough, New Hampshire, United States",
        "Peterborough, South Australia, Australia",
    ]


def test_brisbane_is_the_one_in_australia() -> None:
    assert meant("brisbane") == "Brisbane, Queensland, Australia"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("peterborough, canada", "Peterborough, Ontario, Canada"),
        ("Peterborough NH", "Peterborough, New Hampshire, United States"),
        ("Portland Maine", "Portland, Maine, United States"),
        ("portland, or", "Portland, Oregon, United States"),
        ("Portland Maine USA", "Portland, Maine, United States"),
        ("london ontario", "London, Ontario, Canada"),
        ("London, UK", "London, England, United Kingdom"),
        ("peterborough, eng", "Peterborough, England, United Kingdom"),
        ("Portland,, Maine,", "Portland, Maine, United States"),
    ],
)
def test_a_region_or_country_narrows(text: str, label: str) -> None:
    assert meant(text) == label


@pytest.mark.parametrize("text", ["hackney london", "Hackney, London", "Hackney, London, UK"])
def test_a_larger_town_nearby_narrows(text: str) -> None:
    assert meant(text) == "Hackney, England, United Kingdom"


@pytest.mark.parametrize("text", ["Southwark", "Bermondsey", "Shoreditch", "Bankside", "london bridge"])
def test_parts_of_london_that_people_name_are_known(text: str) -> None:
    assert meant(text, "GB") == f"{text.title()}, London, England, United Kingdom"


def test_the_monument_comes_before_the_one_in_colorado() -> None:
    assert labels(lookup.resolve("monument").every)[:2] == [
        "Monument, London, England, United Kingdom",
        "Monument, Colorado, United States",
    ]


@pytest.mark.parametrize("text", ["KÖLN", "koln", "  Köln "])
def test_case_accents_and_spaces_do_not_matter(text: str) -> None:
    assert meant(text) == "Köln, Germany"


def test_a_city_is_found_by_its_english_name() -> None:
    assert labels(lookup.resolve("Cologne").every)[0] == "Köln, Germany"


@pytest.mark.parametrize("text", ["King's Cross", "Kings Cross", "king\u2019s cross"])
def test_apostrophes_do_not_matter(text: str) -> None:
    assert labels(lookup.resolve(text).every)[0] == "King's Cross, England, United Kingdom"


@pytest.mark.parametrize(
    ("text", "home", "label"),
    [
        ("B'ham", "GB", "Birmingham, England, United Kingdom"),
        ("Soton", "GB", "Southampton, England, United Kingdom"),
        ("King's X", "GB", "King's Cross, England, United Kingdom"),
        ("walk near Kings X", "GB", "King's Cross, England, United Kingdom"),
    ],
)
def test_what_people_write_for_short_is_known(text: str, home: str, label: str) -> None:
    found = lookup.resolve(text, home)
    assert (found.place and found.place.label, found.corrected) == (label, "")


def test_saint_and_st_are_the_same() -> None:
    assert lookup.resolve("St. Albans").every == lookup.resolve("saint albans").every


def test_a_byname_of_a_great_city_beats_a_hamlet_of_that_name() -> None:
    assert meant("New York") == "New York City, New York, United States"


def test_a_town_beats_the_city_that_was_once_called_so() -> None:
    assert meant("York") == "York, England, United Kingdom"


def test_a_large_city_is_found_in_its_own_script() -> None:
    assert meant("東京") == "Tokyo, Japan"


def test_a_town_that_is_listed_twice_is_one() -> None:
    assert lookup.resolve("St Albans, Australia").choices == []
    assert meant("St Albans, Australia") == "St Albans, Victoria, Australia"


def test_a_beginning_gives_choices() -> None:
    resolution = lookup.resolve("Peterboro")
    assert resolution.place is None
    assert "Peterborough, England, United Kingdom" in labels(resolution.choices)


def test_a_beginning_with_one_meaning_is_clear() -> None:
    assert meant("Bermonds") == "Bermondsey, London, England, United Kingdom"


def test_a_beginning_can_be_narrowed() -> None:
    assert labels(lookup.resolve("portl, maine").every) == ["Portland, Maine, United States"]


def test_exact_names_come_before_beginnings() -> None:
    found = [place.name for place in lookup.resolve("york").every]
    assert found.index("York") < found.index("Yorktown") if "Yorktown" in found else found[0] == "York"


def test_no_place_is_offered_twice() -> None:
    found = lookup.resolve("london").every
    assert len(found) == len({place.id for place in found}) > 1


@pytest.mark.parametrize("text", ["51.51,-0.08", " 51.51 , -0.08 ", "51.51 -0.08", "+51.51;-0.08"])
def test_coordinates_are_one_place(text: str) -> None:
    (place,) = lookup.resolve(text).every
    assert (place.lat_e4, place.lon_e4, place.label) == (515_100, -800, "51.51, -0.08")


def test_a_point_that_was_typed_is_clear() -> None:
    assert lookup.resolve("51.51,-0.08").place is not None


@pytest.mark.parametrize("text", ["91,0", "0,181", "99 999"])
def test_coordinates_off_the_globe_are_none(text: str) -> None:
    assert lookup.resolve(text).every == []


@pytest.mark.parametrize("text", ["", " ", ",", "'", "x", "qqqqq", "%", "\x00", "a" * 5000])
def test_nonsense_means_nothing(text: str) -> None:
    assert lookup.resolve(text) == Resolution(None, [])


def test_a_quotation_mark_is_only_a_letter_that_is_left_out() -> None:
    assert lookup.resolve("'; DROP TABLE place; --").every == []


def test_a_place_has_all_that_a_run_there_needs() -> None:
    place = lookup.resolve("Brisbane").place
    assert place is not None
    assert (place.country, place.region, place.timezone) == ("AU", "Queensland", "Australia/Brisbane")
    assert (place.lat_e4 // 10_000, place.lon_e4 // 10_000) == (-28, 153)


def test_places_of_one_name_and_region_are_told_apart() -> None:
    labels = [one.label for one in lookup.resolve("Newport").choices]
    assert len(set(labels)) == len(labels)
    assert "Newport (Telford), England, United Kingdom" in labels


@pytest.mark.parametrize(
    "text", ["Newport Isle of Wight", "Newport, Isle of Wight", "Newport (Isle of Wight), England"]
)
def test_a_namesake_that_was_named_by_its_county_is_called_so(text: str) -> None:
    assert meant(text, "GB") == "Newport (Isle of Wight), England, United Kingdom"


def test_namesakes_are_called_by_their_county_and_a_city_by_nothing() -> None:
    assert labels(lookup.resolve("Newport", "GB").every)[:3] == [
        "Newport, Wales, United Kingdom",
        "Newport (Isle of Wight), England, United Kingdom",
        "Newport (Telford), England, United Kingdom",
    ]
    assert meant("Washington", "GB") == "Washington (Tyne and Wear), England, United Kingdom"


@pytest.mark.parametrize("text", ["Newport", "Norton", "Sutton", "Whitchurch", "Springfield", "Richmond"])
@pytest.mark.parametrize("home", ["GB", "US"])
def test_no_namesake_is_called_by_a_town_that_is_smaller(text: str, home: str) -> None:
    with gazetteer.opened() as connection:
        for place in lookup.resolve(text, home).every:
            towns = [one.place for one in gazetteer.named(connection, {squash(fold(place.where))}) if place.where]
            assert not towns or max(one.population for one in towns) > place.population


def test_saint_and_st_are_one_name_where_places_are_told_apart() -> None:
    labels = [one.label for one in lookup.resolve("St Ives", "GB").every]
    assert labels[:2] == [
        "Saint Ives (Cambridgeshire), England, United Kingdom",
        "St Ives (Redruth), England, United Kingdom",
    ]


@pytest.mark.parametrize(
    ("text", "home", "label"),
    [
        ("Perth", "GB", "Perth, Scotland, United Kingdom"),
        ("Perth", "AU", "Perth, Western Australia, Australia"),
        ("Hackney", "GB", "Hackney, England, United Kingdom"),
        ("Boston", "GB", "Boston, England, United Kingdom"),
        ("Boston", "US", "Boston, Massachusetts, United States"),
        ("Newcastle", "GB", "Newcastle upon Tyne, England, United Kingdom"),
        ("Newcastle", "AU", "Newcastle, New South Wales, Australia"),
        ("Saint Helier", "GB", "Saint Helier, Jersey"),
    ],
)
def test_the_place_at_home_is_meant(text: str, home: str, label: str) -> None:
    assert meant(text, home) == label


def test_a_namesake_abroad_is_offered() -> None:
    assert "Perth, Western Australia, Australia" in labels(lookup.resolve("Perth", "GB").choices)


@pytest.mark.parametrize(
    ("text", "label"),
    [("Perth", "Perth, Western Australia, Australia"), ("Cologne", "Köln, Germany"), ("Ghent", "Gent, Belgium")],
)
def test_a_great_city_abroad_is_meant_before_a_hamlet_at_home(text: str, label: str) -> None:
    assert meant(text, "US") == label


def test_a_town_at_home_is_meant_before_a_great_city_abroad() -> None:
    assert meant("Madras", "US") == "Madras, Oregon, United States"


@pytest.mark.parametrize(
    ("text", "home", "label"),
    [
        ("Barcelona", "GB", "Barcelona, Spain"),
        ("Barcelnoa", "GB", "Barcelona, Spain"),
        ("Kensington", "GB", "Kensington (Greater London), England, United Kingdom"),
        ("Lark Lane", "GB", "Lark Lane, Liverpool, England, United Kingdom"),
        ("Leeds City Center", "GB", "Leeds, England, United Kingdom"),
    ],
)
def test_nobody_is_asked_about_what_the_world_knows(text: str, home: str, label: str) -> None:
    assert meant(text, home) == label


@pytest.mark.parametrize("text", ["Aurora", "Arlington"])
def test_two_towns_at_home_of_one_size_are_asked_about(text: str) -> None:
    assert meant(text, "US") is None


def test_two_towns_of_one_name_at_home_are_asked_about() -> None:
    found = lookup.resolve("Wellington", "GB")
    assert found.place is None
    assert labels(found.choices)[:2] == [
        "Wellington (Telford), England, United Kingdom",
        "Wellington, Somerset, England, United Kingdom",
    ]


def test_hull_is_not_called_kingston() -> None:
    kingston = [one.name for one in lookup.resolve("Kingston", "GB").choices]
    assert kingston[0] == "Kingston upon Thames"
    assert "Kingston upon Hull" not in kingston
    assert (meant("Hull", "GB") or "").startswith("Kingston upon Hull")


def test_a_small_town_is_not_meant_by_the_centre_of_a_city() -> None:
    assert meant("Leeds", "US") == "Leeds, Alabama, United States"
    assert meant("Leeds City Center", "US") is None
    assert labels(lookup.resolve("Leeds City Center", "US").choices)[0] == "Leeds, England, United Kingdom"


def test_a_hamlet_may_be_a_slip_of_a_city_at_home() -> None:
    found = lookup.resolve("Brooklin", "US")
    assert (found.place and found.place.label, found.corrected) == ("Brooklyn, New York, United States", "Brooklyn")
    assert "Brooklin, Maine, United States" in labels(found.choices)


@pytest.mark.parametrize("text", ["Castor", "Perthshire", "Beer", "Looe", "Wells"])
def test_a_small_place_that_is_like_no_city_is_not_corrected(text: str) -> None:
    assert lookup.resolve(text, "GB").corrected == ""


@pytest.mark.parametrize(
    ("text", "home", "label"),
    [
        ("Hartfrod, CT", "US", "Hartford, Connecticut, United States"),
        ("Colubmia SC", "US", "Columbia, South Carolina, United States"),
        ("Ricfmond BC", "CA", "Richmond, British Columbia, Canada"),
    ],
)
def test_the_code_of_a_region_narrows_a_name_with_a_slip_in_it(text: str, home: str, label: str) -> None:
    found = lookup.resolve(text, home)
    assert (found.place and found.place.label, found.dropped) == (label, "")


@pytest.mark.parametrize(
    ("text", "home", "name"),
    [
        ("Edinbrugh", "GB", "Edinburgh"),
        ("Manchseter", "GB", "Manchester"),
        ("Southwalk", "GB", "Southwark"),
        ("Brimingham", "GB", "Birmingham"),
        ("Peterborogh", "GB", "Peterborough"),
        ("Melborne", "AU", "Melbourne"),
        ("Edinbrugh, Scotland", "GB", "Edinburgh"),
        ("Milton Keyns", "GB", "Milton Keynes"),
        ("Darby", "GB", "Derby"),
        ("Barcelna", "GB", "Barcelona"),
    ],
)
def test_a_name_with_slips_in_it_is_corrected_and_that_is_said(text: str, home: str, name: str) -> None:
    found = lookup.resolve(text, home)
    assert (found.every[0].name, found.corrected) == (name, name)


@pytest.mark.parametrize("text", ["Rome", "Cork", "Nice", "Bath", "St Albans", "Kings Lynn", "Koln"])
def test_a_name_that_is_written_right_is_not_corrected(text: str) -> None:
    assert lookup.resolve(text, "GB").corrected == ""


@pytest.mark.parametrize(
    ("text", "home", "label"),
    [
        ("Lewes, East Sussex", "GB", "Lewes, England, United Kingdom"),
        ("Bromley, Kent", "GB", "Bromley, England, United Kingdom"),
        ("Headingley, Leeds", "GB", "Headingley, Leeds, England, United Kingdom"),
        ("Leeds, Headingley", "GB", "Headingley, Leeds, England, United Kingdom"),
        ("near Leeds", "GB", "Leeds, England, United Kingdom"),
        ("just outside Oxford", "GB", "Oxford, England, United Kingdom"),
        ("Galway or nearby", "IE", "Galway, Connacht, Ireland"),
        ("LEEDS CITY CENTRE", "GB", "Leeds, England, United Kingdom"),
        ("Leeds, UK", "AU", "Leeds, England, United Kingdom"),
        ("München, Deutschland", "GB", "Munich, Germany"),
        ("I live in Leeds and want to run tonight", "GB", "Leeds, England, United Kingdom"),
    ],
)
def test_what_stands_beside_a_name_narrows_it(text: str, home: str, label: str) -> None:
    found = lookup.resolve(text, home)
    assert (found.place and found.place.label, found.corrected, found.dropped) == (label, "", "")


@pytest.mark.parametrize("home", ["GB", "US"])
def test_a_name_abroad_that_has_a_plain_word_is_read_with_it(home: str) -> None:
    assert meant("Running Springs", home) == "Running Springs, California, United States"


@pytest.mark.parametrize(("text", "dropped"), [("London, Blankshire", "Blankshire"), ("London, Scotland", "Scotland")])
def test_what_does_not_fit_a_name_is_left_out_and_said(text: str, dropped: str) -> None:
    found = lookup.resolve(text, "GB")
    assert (found.place and found.place.name, found.dropped) == ("London", dropped)


@pytest.mark.parametrize("text", ["near me", "here", "Runs near me"])
def test_where_the_reader_is_is_no_place(text: str) -> None:
    assert lookup.resolve(text, "GB") == Resolution()
    assert lookup.is_here(text)


def test_bristol_does_not_offer_a_city_that_was_once_called_so() -> None:
    assert {one.name for one in lookup.resolve("Bristol", "GB").every} == {"Bristol"}


@pytest.mark.parametrize(
    "text", ["Ыъ" * 60, "e\u0301" * 100, "قاهرة", "\ud800", "\U0001f3c3", "\ufb01" * 90, "a b " * 25, "\uff0c"]
)
def test_any_text_of_any_script_and_length_is_looked_up(text: str) -> None:
    assert len(lookup.resolve(text, "GB").every) <= 9
