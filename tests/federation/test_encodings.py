"""federation.encodings: one spelling for each kind of value (PROTOCOL.md §2.5, §5)."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation import encodings
from federation.encodings import from_instant, is_base_url, network_id, new_listing_id, to_instant
from federation.words import is_known_rule


def fits(text: str, type_: Any) -> bool:
    try:
        msgspec.convert(text, type_)
    except msgspec.ValidationError:
        return False
    return True


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001
def test_s2_5_an_instant_comes_back_to_the_second(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC)
    assert from_instant(to_instant(moment)) == moment.replace(microsecond=0)


def test_s2_5_an_instant_is_written_in_utc() -> None:
    moment = datetime(2026, 6, 1, 10, 0, tzinfo=timezone(timedelta(hours=1)))
    assert to_instant(moment) == "2026-06-01T09:00:00Z"


def test_s2_5_a_naive_time_is_no_instant() -> None:
    with pytest.raises(ValueError, match="naive"):
        to_instant(datetime(2026, 6, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-01T09:00:00",
        "2026-06-01T09:00:00+00:00",
        "2026-06-01T09:00:00.0Z",
        "2026-06-01 09:00:00Z",
        "2026-06-01T09:00Z",
        "2026-06-01T09:00:00z",
        "2026-06-01T09:00:00Z\n",
        "\uff12026-06-01T09:00:00Z",
    ],
)
def test_s2_5_an_instant_has_one_spelling(text: str) -> None:
    assert not fits(text, encodings.Instant)


@pytest.mark.parametrize("text", ["2026-6-1", "20260601", "2026-06-01T00:00", "2026-06-0\u0661"])
def test_s2_5_a_date_has_one_spelling(text: str) -> None:
    assert not fits(text, encodings.Date)


@pytest.mark.parametrize(
    "text",
    ["FREQ=WEEKLY;INTERVAL=1;BYDAY=TH", "FREQ=WEEKLY;INTERVAL=12;BYDAY=MO,WE,SU", "FREQ=MONTHLY;INTERVAL=1;BYDAY=-1SA"],
)
def test_s2_6_the_rules_that_runs_need_are_read(text: str) -> None:
    assert is_known_rule(text)


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY;INTERVAL=1;BYDAY=TH",
        "FREQ=WEEKLY;BYDAY=TH",
        "FREQ=WEEKLY;INTERVAL=0;BYDAY=TH",
        "FREQ=WEEKLY;INTERVAL=13;BYDAY=TH",
        "FREQ=WEEKLY;BYDAY=TH;INTERVAL=1",
        "FREQ=WEEKLY;INTERVAL=1;BYDAY=TH;COUNT=3",
        "FREQ=MONTHLY;INTERVAL=1;BYDAY=TH",
        "FREQ=MONTHLY;INTERVAL=1;BYDAY=5TH",
        "freq=weekly;interval=1;byday=th",
        "FREQ=WEEKLY;INTERVAL=1;BYDAY=TH\n",
    ],
)
def test_s2_6_any_other_rule_is_one_that_we_do_not_know(text: str) -> None:
    assert not is_known_rule(text)


def test_s5_1_an_id_is_base32_of_the_first_roots_digest() -> None:
    digest = hashlib.sha256("é".encode())
    made = network_id(digest.hexdigest())
    assert made == base64.b32encode(digest.digest()).decode().lower()[:24]
    assert fits(made, encodings.NetworkId)


def test_s2_5_a_new_listing_id_is_eight_letters_of_the_alphabet() -> None:
    assert fits(new_listing_id(), encodings.ListingId)
    assert new_listing_id() != new_listing_id()


@pytest.mark.parametrize("text", ["https://example.org", "https://run.example.co.uk", "https://xn--bcher-kva.example"])
def test_s5_4_a_lower_case_https_host_is_an_address(text: str) -> None:
    assert is_base_url(text, "internet")


@pytest.mark.parametrize(
    "text",
    [
        "http://example.org",
        "https://example.org/",
        "https://example.org:443",
        "https://Example.org",
        "https://user@example.org",
        "https://127.0.0.1",
        "https://[::1]",
        "https://localhost",
        "https://example.org\n",
        "https://example..org",
        "https://-example.org",
        "https://exämple.org",
        "https://" + "a" * 64 + ".org",
        "https://" + "a." * 130 + "org",
        "http://127.0.0.1:8000",
        "",
    ],
)
def test_s5_4_nothing_else_is_an_address_on_the_internet(text: str) -> None:
    assert not is_base_url(text, "internet")


def test_s5_4_a_loopback_network_knows_only_127_0_0_1_with_a_port() -> None:
    assert is_base_url("http://127.0.0.1:65535", "loopback")
    refused = ["http://127.0.0.1", "http://127.0.0.1:0", "http://127.0.0.1:65536", "http://localhost:80"]
    refused += ["https://127.0.0.1:80", "http://127.0.0.1:80/", "http://127.0.0.1:8\u0660", "https://example.org"]
    assert not any(is_base_url(text, "loopback") for text in refused)
