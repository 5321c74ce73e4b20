"""Which countries there are."""

from node.places.countries import CALLED, COUNTRIES


def test_every_country_has_its_two_letters() -> None:
    assert len(COUNTRIES) == 249
    assert {"GB", "IE", "US", "AU", "ZW"} <= COUNTRIES


def test_what_is_no_country_has_no_letters() -> None:
    assert not COUNTRIES & {"UK", "EU", "XK", "#c", ""}


def test_what_people_call_a_country_is_one() -> None:
    assert set(CALLED.values()) <= COUNTRIES
