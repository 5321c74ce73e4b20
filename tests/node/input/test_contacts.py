"""What is a way to reach somebody, and what only looks like one."""

# ruff: noqa: RUF001 - letters that look alike are what is tried here

import time

import pytest

from node.chapter.runs import LIMITS
from node.input.contacts import Contact, find_contacts

#: As people write them, in whatever country.
PHONES = [
    # United Kingdom
    *("07700900123", "07700 900123", "07700 900 123", "07700-900-123", "07700–900–123", "07700—900—123"),
    *("07700 − 900 − 123", "07700.900.123", "07700/900123", "07700/900/123", "07700·900·123", "07700_900_123"),
    *("(07700) 900123", "[07700] 900123", "07700\u00a0900\u00a0123", "07700\u2009900\u202f123", "07700,900123"),
    *("０７７００　９００１２３", "٠٧٧٠٠٩٠٠١٢٣", "0 7 7 0 0 9 0 0 1 2 3", "077 009 001 23", "07 70 09 00 12 3"),
    *("+447700900123", "+44 7700 900123", "+44 (0)7700 900123", "+44(0)7700-900-123", "0044 7700 900123"),
    *("＋44 7700 900123", "447700900123", "44 7700 900123", "7700 900123", "07700\u200b900\u200b123"),
    *("020 7946 0123", "(020) 7946 0123", "020-7946-0123", "02079460123", "20 7946 0123", "7946 0123", "7946-0123"),
    *("0117 496 0123", "0117-496 0123", "01632 960123", "(01632) 960 123", "0800 123 4567", "0800-1234567"),
    *("tel:07700900123", "Tel. 07700 900 123", "07700\t900123", "0\\7700\\900123", "07700|900|123"),
    *("07700   900   123", "07700:900:123", "07700=900=123", "07700;900;123", "07700\u2043900\u2043123"),
    # United States and Canada
    *("212-555-0123", "(212) 555-0123", "212.555.0123", "212 555 0123", "2125550123", "1-212-555-0123"),
    *("+1 212 555 0123", "1 (800) 555-0199", "+1-212-555-0123", "555-0123", "555.0123", "212/555-0123"),
    *("(212)555-0123", "1.212.555.0123", "212–555–0123", "212\u00b7555\u00b70123"),
    # Australia
    *("0412 345 678", "0412345678", "0412-345-678", "+61 412 345 678", "(07) 3345 6789", "07 3345 6789"),
    *("3345 6789", "1300 975 707", "1800 551 800", "+61 (0) 7 3345 6789", "04 1234 5678", "61 412 345 678"),
    # Ireland, and further on
    *("087 123 4567", "(087) 123 4567", "+353 87 123 4567", "01 234 5678", "087-1234567", "021 427 1234"),
    *("+33 6 12 34 56 78", "06 12 34 56 78", "06.12.34.56.78", "01.02.03.04.05", "0049 30 901820", "030/901820"),
    *("+91 98765 43210", "98765 43210", "+27 82 123 4567", "+55 11 91234-5678"),
    # With words around them
    *("Ring Sam on 07700 900 123.", "Late? Text 07700900123!", "Call 12 34 56 78", "Phone: 123 456 789"),
    *("WhatsApp 7 700 900 123", "Ask Sam (07700 900123) for the way", "☎ 123 45 67", "Sam07700900123"),
    *("We meet at 18:30, ring 07700 900123", "On 2026-07-02 call 020 7946 0123", "Sam 07700 900123 18:30"),
]

NO_PHONES = [
    # Times
    *("18:30", "18.30", "Usually 18.30 - 19.30", "Usually 18.30-19.30", "18:30–19:30", "06.30 - 07.30", "06:30-07:30"),
    *("18.30 to 19.30", "6.30pm-7.30pm", "6:30 – 7:45 pm", "1830-1930", "0630 - 0730", "18h30 - 19h30", "18:30/19:30"),
    *("Start 18.30 19.00 19.30", "18:30 18:45 19:00", "24/7", "24/7, 365 days", "From 18:20, off at 18:30, back 19:30"),
    *("10.00 11.00 12.00 13.00", "00:30 - 01:30", "５:３０ – ６:３０"),
    # Dates, in any order
    *("Back on 2026-07-02", "2026/07/02", "2026.07.02", "2026 07 02", "20260702", "02-07-2026", "02/07/2026"),
    *("02.07.2026", "2.7.2026", "7/2/2026", "02 07 2026", "24.12.2026 - 02.01.2027", "24/12/2026-02/01/2027"),
    *("24.12.26 – 02.01.27", "2026-06-04 2026-06-11 2026-06-18", "2026–07–02", "04 06 2026 18.30", "31.12.2026, 18.30"),
    *("2026-07-02 18:30", "2026-07-02T18:30", "2026-06-04/2026-06-11", "4 June 2026, 11 June 2026", "12/31/2026"),
    # Lists
    *("Buses 17 21 35 43 47", "Buses 17, 21, 35, 43, 47", "Buses 133 149 343 381 521", "Bus 8/26/35/47/78/388"),
    *("Routes 21-35-43-47-133", "17 21 35 43 47 48 133 141 149", "Lines 1 2 3 4 5 6 7 8", "Bus 1234 or 1235"),
    *("Tram 10 12 96 109", "trains at 17.32 17.47 18.02", "Platforms 1 2 3 4 5 6 7"),
    # Distances, heights, numbers of houses
    *("3 km, 5 km, 7.5 km or 10 km", "5.5 7.5 10.5 12.5"),
    *("0.5 1.5 2.5 3.5 4.5 5.5 km", "10 000 steps", "1,500,000 steps"),
    *("400 800 1200 m", "12-14 Fish Street Hill", "12/14/16/18/20 High Street", "Flats 101-110", "Rooms 101 102 103"),
    *("1250 1st Avenue", "Unit 12, 1400 Main St", "10000 m", "42.195 km", "5km 10km 21km 42km"),
    # Postcodes
    *("London EC3R 6HA", "SE1 9RT", "NY 10001-1234"),
    *("Brisbane QLD 4101", "Peterborough PE1 1XS", "10117 Berlin", "D02 AF30"),
    *("90210", "Brooklyn, NY 11201", "4000, 4101, 4102"),
    # Prices and years
    *("£5", "£1,250.00", "£5.50-£7.50", "€12.50 – 15.00", "$1,000,000", "£10 £20 £30 £40"),
    *("since 2017", "2017-2026", "2017 – 2026", "2017 2018 2019 2020", "2019/2020/2021", "season 2025/26"),
    # Points on a map
    *("51.5101, -0.0860", "51.510145680432034, -0.08590483169403148"),
    *("51.5101 -0.0860", "TQ 33187 80697", "TQ3318780697"),
    # Help lines are shorter
    *("999", "116 123", "111, option 2", "85258", "13 11 14", "988"),
]

EMAILS = [
    *("sam@example.org", "Sam.Lead+run@example.co.uk", "sam@example", "mail:sam@example.org", "<sam@example.org>"),
    *("name at example dot org", "sam at example.org", "sam [at] example [dot] org", "sam(at)example.com"),
    *("sam (at) example (dot) com", "sam @ example.org", "sam@ example.org", "sam＠example.org", "sam@example。org"),
    *("sam@example．org", "sam@3mobile.com", "sam AT example DOT com", "sam{at}example{dot}net"),
]

LINKS = [
    *("https://example.org", "http://example.org/join", "HTTPS://EXAMPLE.ORG", "https:/example.org", "www.example.org"),
    *("WWW.Example.org", "example.org", "example.org/join"),
    *("Example.com", "see example.co.uk.", "runs.example.org:8080/x"),
    *("facebook.com/groups/123", "bit.ly/abc", "t.me/runners"),
    *("wa.me/447700900123", "chat.whatsapp.com/AbC", "youtu.be/x"),
    *("linktr.ee/runners", "example dot org", "example [dot] com", "example．org", "(example.org)", "runners.club/x"),
    *("parkrun.org.uk/southwark", "instagram.com/run_talk", "runtalkrun.wales", "5k.run/join"),
]

NO_ADDRESSES = [
    *("Meet @ 18:30", "Meet @6.30pm", "we meet @ the steps", "5k@6.30", "a.m. or p.m.", "e.g. water, i.e. a bottle"),
    *("St. Mary's", "St.Mary", "No.10", "Come early.We wait", "river.The path", "Come early. In winter, too", "and/or"),
    *("run/walk", "run-walk/talk", "18.30/19.30"),
    *("24/7", "///filled.count.soap", "at the dot on the map", "6.30pm.Come"),
    *("We're at King's X.", "Fish Street Hill.London is lovely", "Hello...and goodbye", "etc.", "5.30 in the park"),
    *("water,tea", "U.S. and U.K.", "Ph.D.", "the A.R.C. at 5", "Look for us at Example Street"),
]


@pytest.mark.parametrize("text", PHONES)
def test_a_telephone_number_is_found_however_it_is_written(text: str) -> None:
    assert [one.kind for one in find_contacts(text)] == ["phone"]


@pytest.mark.parametrize("text", [*NO_PHONES, *NO_ADDRESSES])
def test_what_only_looks_like_one_is_let_be(text: str) -> None:
    assert find_contacts(text) == []


@pytest.mark.parametrize("text", EMAILS)
def test_an_address_of_mail_is_found_also_spelled_out(text: str) -> None:
    assert [one.kind for one in find_contacts(text)] == ["email"]


@pytest.mark.parametrize("text", LINKS)
def test_a_web_address_is_found_also_without_a_scheme(text: str) -> None:
    assert [one.kind for one in find_contacts(text)] == ["link"]


def test_each_is_told_in_the_words_that_were_typed() -> None:
    text = "Ring Sam on 07700–900–123, write to sam at example dot org, or see example.org/join."
    assert find_contacts(text) == [
        Contact("phone", "07700–900–123"),
        Contact("email", "sam at example dot org"),
        Contact("link", "example.org/join"),
    ]


@pytest.mark.parametrize("letter", ["0", "1 ", "a.", "a@", "- ", "(", " dot ", "1.", "1/", "x.co", "\u00a0"])
def test_the_longest_text_is_read_in_no_time(letter: str) -> None:
    text = (letter * max(LIMITS.values()))[: max(LIMITS.values())]
    began = time.process_time()
    find_contacts(text)
    assert time.process_time() - began < 0.2
