"""A week of London's chapter by the forms of its pages. Everybody tells all that can be told, as a canary."""

import hashlib
import io
import logging
import re
import sqlite3
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from node import jobs, logs, sealed_fields
from node.database import checkpoint
from node.members.accounts import passkeys
from node.members.accounts.passkeys import Site
from node.migrations import copies
from node.models import Person
from node.wire.outbound import Answer

from ..support import messages
from ..support.members.authenticator import Authenticator
from ..support.members.letters import sent, text_of
from ..support.network import LONDON, PETERBOROUGH, Clock, LocalFederation, LocalNode, LocalWire, a_run
from ..support.taps import THURSDAY
from ..support.web_client import Phone, hidden, words
from .fields import MADE, OWN_PAGES, TOLD, columns

NEXT = THURSDAY + timedelta(days=7)
AFTER = NEXT + timedelta(days=7)
#: Words that London's lead publishes: whoever looks for canaries must find them everywhere.
PUBLIC = "Parakeets in the plane trees"
_LETTERS = str.maketrans("0123456789abcdef", "bcdfghjkmnpqrtvw")
_EMAILS = ("coming.email", "letter.address", "message.email", "person.email", "sign_in_code.email")


def canary(column: str, who: str) -> str:
    """A word that stands nowhere else: of letters alone, so that no form minds it and nothing escapes it."""
    word = "Q" + hashlib.sha256(f"{column} {who}".encode()).hexdigest()[:12].translate(_LETTERS)
    return f"{word}@example.org" if column in _EMAILS else word


class Heard(logging.Handler):
    """Everything that anybody logs, with tracebacks, at the lowest level, as text and as JSON."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += [self.format(record), logs.JsonLine().format(record)]


class HeardWire(LocalWire):
    """Keeps what nodes have sent each other."""

    def __init__(self) -> None:
        super().__init__()
        self.carried: list[bytes] = []

    def send(self, method: str, base_url: str, path: str, *, body: bytes | None = None, **rest: object) -> Answer:
        answer = super().send(method, base_url, path, body=body, **rest)  # type: ignore[arg-type]
        self.carried += [f"{method} {path}".encode(), body or b"", answer.body]
        return answer


class Week:
    """The chapter, HQ and a neighbour; what everybody told, and what London's database held of it at any time."""

    def __init__(self, folder: Path, *, with_neighbour: bool = True) -> None:
        self.clock = Clock()
        self.federation = LocalFederation(folder, self.clock, wire=HeardWire())
        self.london: LocalNode = self.federation.add_chapter(LONDON)
        self.others = [self.federation.hq]
        if with_neighbour:
            self.others.append(self.federation.add_chapter(PETERBOROUGH))
        self.run = self.london.announce(a_run(look_for=PUBLIC))
        #: Canary to who told it.
        self.told: dict[str, str] = {}
        #: Column of TOLD to the texts that stood there.
        self.held: dict[str, set[str]] = {column: set() for column in TOLD | OWN_PAGES}
        self.sealed: set[bytes] = set()
        #: What the node has made for people to its column, and the tokens of their links to "link".
        self.made: dict[bytes, str] = {}
        self.letters: list[EmailMessage] = []
        self.kim = Phone(self.london).sign_in(self.tell("person.first_name", "kim"))

    def tell(self, column: str, who: str) -> str:
        """The canary that `who` tells for `column`."""
        word = canary(column, who)
        self.told[word.partition("@")[0]] = who
        return word

    def of(self, who: str) -> set[str]:
        """The canaries of one person."""
        return {word for word, by in self.told.items() if by == who}

    def look(self) -> None:
        """Note what London's database holds of people now."""
        key = sealed_fields.load(self.london.settings)
        with self.london.session() as session:
            for name, column in columns():
                rows = session.execute(select(column.table)).mappings().all()
                for row in [one for one in rows if one[column.name] is not None]:
                    value = row[column.name]
                    if name in MADE:
                        self._note_made(name, value)
                    elif name in TOLD and isinstance(value, bytes):
                        self.sealed.add(value)
                        place = row["key"] if column.table.name == "letter" else row["id"]
                        self.held[name].add(key.open(name, place, value))
                    elif name in TOLD | OWN_PAGES:
                        self.held[name].add(value)

    def _note_made(self, name: str, value: str | bytes) -> None:
        raw = value if isinstance(value, bytes) else value.encode()
        if len(raw) >= 16:  # shorter ones are no secret, and stand in other words
            self.made[raw] = name

    def note_link(self, path: str) -> str:
        """Keep the token at the end of a private address among what nobody else may see."""
        self._note_made("link", path.rpartition("/")[2])
        return path

    def mail(self) -> list[EmailMessage]:
        """The letters that go out now. Before that the database holds what waits."""
        self.look()
        new = sent(self.london)
        self.letters += new
        return new

    def letter_to(self, address: str) -> str:
        """The text of the last letter to an address."""
        self.mail()
        return text_of([one for one in self.letters if str(one["To"]) == address][-1])

    def at(self, moment: str) -> None:
        """By the clocks of London in June."""
        self.clock.now = datetime.fromisoformat(f"{moment}+01:00").astimezone(UTC)

    def work(self) -> None:
        """Every job of London's."""
        for job in jobs.JOBS:
            job.run(self.london.handle)
        self.mail()

    def come(self, phone: Phone, day: date = THURSDAY, **typed: str) -> str:
        """Say "I'm coming" by the form. The path of the private link."""
        path = f"/runs/{self.london.chapter_id}/{self.run.id}/coming?date={day}"
        page = phone.get(path).text
        answer = phone.post(path, data={**hidden(page, path), "form_id": form_id(page), **typed})
        assert answer.status_code == 303, words(answer)
        return self.note_link(answer.headers["Location"].partition("?")[0])

    def still_there(self) -> set[bytes]:
        """What is sealed or made for somebody, and stands in a row now."""
        values = set()
        with self.london.session() as session:
            for name, column in columns():
                if name in TOLD or name in MADE:
                    values |= set(session.execute(select(column)).scalars())
        raw = {one.encode() if isinstance(one, str) else one for one in values if one is not None}
        return raw & (self.sealed | self.made.keys())

    def copy_before_an_upgrade(self) -> str:
        """The name of a copy of the database, as an upgrade makes it."""
        database = self.london.settings.database
        checkpoint(self.london.engine)
        with sqlite3.connect(database) as driver:
            made = copies.make(driver, database, "0013")
        driver.close()
        renamed = made.with_name(f"{database.stem}-0013-{self.clock():%Y%m%dT%H%M%SZ}.sqlite")
        return str(made.rename(renamed).relative_to(self.london.settings.data))

    def person_id(self, who: str) -> int:
        """The number of somebody's account."""
        with self.london.session() as session:
            return session.scalars(select(Person.id).where(Person.first_name == canary("person.first_name", who))).one()

    def close(self) -> None:
        """Close all files."""
        self.federation.close()

    # The week, in its order.

    def begin(self) -> None:
        """Monday: leads with addresses, a member, and three who come. Nothing of it is for anybody else."""
        self.invite_ada()
        self.add_address(self.kim, "kim")
        self.add_address(self.ada, "ada")
        self.add_other_ways()
        self.make_a_member()
        self.everybody_comes()
        self.report_and_answer()

    def report_and_answer(self) -> None:
        """Gil says that something is out of date, and leaves an address. Kim answers."""
        self.gil = Phone(self.london)
        path = f"/runs/{self.london.chapter_id}/{self.run.id}/out-of-date"
        told = [self.tell(f"message.{name}", "gil") for name in ("words", "email")]
        self.gil_link = self.note_link(messages.write(self.gil, path, told[0], email=told[1]))
        self.look()
        messages.answer(self.kim, self.tell("message.answer", "kim"), "right")
        assert canary("message.answer", "kim") in self.letter_to(told[1])

    def welcome_first_timers(self) -> None:
        """Kim writes a letter and adds a photo, whose file says more than the photo shows."""
        path = f"/lead/runs/{self.run.id}/first-time"
        letter = {"letter": self.tell("first_timer_letter.words", "kim")}
        assert self.kim.post(path, data={**hidden(ok(self.kim.get(path)).text, path), **letter}).status_code == 303
        photo = {
            "photo": (io.BytesIO(a_photo(self.tell("photo", "kim"))), "photo.jpg"),
            "shows": self.tell("photo.shows", "kim"),
        }
        assert self.kim.post(f"{path}/photos", data=photo).status_code == 303

    def invite_ada(self) -> None:
        """Kim invites her by mail."""
        mailbox = self.tell("letter.address", "ada")
        page = ok(self.kim.post("/lead/people", data={"role": "lead", "email": mailbox, "form_id": "f" * 22}))
        path = self.note_link(first(r"/invited/[\w-]+", page.text))
        assert path in self.letter_to(mailbox)
        self.ada = Phone(self.london)
        name = self.tell("person.first_name", "ada")
        assert self.ada.post(path, data={"first_name": name}).status_code == 303
        self.ada_id = self.person_id("ada")

    def add_address(self, phone: Phone, who: str) -> None:
        """A lead adds an address by the code that is mailed to it."""
        email = self.tell("person.email", who)
        ok(phone.post("/me/email", data={"email": email, "form_id": who * 8}))
        code = first(r"\b\d{6}\b", self.letter_to(email))
        assert phone.post("/me/email/code", data={"email": email, "code": code}).status_code == 303

    def add_other_ways(self) -> None:
        """Codes for paper, and a passkey: by the node's functions, since no phone makes one for this host."""
        for one in re.findall(r"<code>([a-z2-9-]{14})</code>", ok(self.ada.post("/me/paper")).text):
            self._note_made("link", one)
        site = Site("localhost", self.london.settings.base_url, "London")
        with self.london.session() as session:
            ada, now = session.get_one(Person, self.ada_id), self.clock()
            options = passkeys.options_to_add(session, self.london.settings, site, ada, now)
            answer = Authenticator(site.origin).make(options)
            passkeys.add(session, site, self.ada_id, answer, "Firefox on Android", now)
            passkeys.options_to_add(session, self.london.settings, site, ada, now)

    def make_a_member(self) -> None:
        """Mo signs in by mail, and says what to be called."""
        self.mo, email = Phone(self.london), self.tell("sign_in_code.email", "mo")
        ok(self.mo.post("/signin/mail", data={"email": email, "form_id": "h" * 22}))
        code = first(r"\b\d{6}\b", self.letter_to(email))
        assert self.mo.post("/signin/code", data={"email": email, "code": code}).status_code == 303
        assert self.mo.post("/me/name", data={"first_name": self.tell("person.first_name", "mo")}).status_code == 303

    def everybody_comes(self) -> None:
        """Cara tells everything, and confirms her address. Dora confirms nothing. Bo says no more than yes."""
        self.cara, self.dora, self.bo = (Phone(self.london) for _ in range(3))
        everything = {name: self.tell(f"coming.{name}", "cara") for name in ("name", "message", "emergency", "email")}
        ticks = dict.fromkeys(("first_time", "look_out", "every_week"), "y")
        self.cara_link = self.come(self.cara, **everything, **ticks)
        self.dora_link = self.come(
            self.dora, name=self.tell("coming.name", "dora"), email=self.tell("coming.email", "dora")
        )
        self.bo_link = self.come(self.bo)
        path = first(r"(/confirm/\S+)", self.letter_to(everything["email"]))
        ok(self.cara.get(self.note_link(path)))
        assert self.cara.post(path).status_code == 303
        asked = self.letter_to(canary("coming.email", "dora"))
        assert self.dora.post(self.note_link(first(r"(/stop/\S+)", asked)), data={"letters": "stop"}).status_code == 303

    def hold_the_run(self) -> None:
        """Thursday: Ada is there, opens a contact, answers a call, notes how it went and how she is."""
        self.promise()
        self.note_the_evening()
        self.work()

    def promise(self) -> None:
        """Ada says that she will be there, which everybody may know. Cara is reminded. Then it is Thursday evening."""
        self.work()
        self.at("2026-06-04T12:00")
        assert self.ada.tap(self.date_path(THURSDAY, "confirm")).status_code == 303
        self.work()
        self.at("2026-06-04T18:35")

    def note_the_evening(self) -> None:
        """What nobody else may know."""
        assert self.bo.post(f"{self.bo_link}/days/{THURSDAY}/here").status_code == 303
        page = ok(self.ada.get(self.date_path(THURSDAY, "run-day")))
        assert canary("coming.name", "cara") in page.text
        contact = first(rf"{self.date_path(THURSDAY)}/comers/\w+/contact", page.text)
        assert canary("coming.emergency", "cara") in ok(self.ada.post(contact)).text
        self.note_day("note", note=self.tell("run_day.note", "ada"))
        assert canary("run_day.note", "ada") in ok(self.bo.get(self.bo_link)).text
        self.mail()
        self.note_day("heads", heads_out="3", heads_back="3")
        self.note_day("outcome", outcome="held 3-5")
        self.note_day("check-in", feeling=self.tell("check_in.words", "ada"))
        assert self.ada.post("/lead/days-off", data={"since": "2026-08-03", "back_on": "2026-08-10"}).status_code == 303

    def drop_out(self) -> None:
        """A week later Ada drops out late with a line to the others, and Kim takes the date."""
        self.at("2026-06-10T19:00")
        assert self.ada.tap(self.date_path(NEXT, "confirm")).status_code == 303
        self.clock.tick(minutes=1)
        path = self.date_path(NEXT, "who/drop-out")
        line = {"whose": str(self.ada_id), "duty": "lead", "line": self.tell("duty.line", "ada")}
        assert self.ada.post(path, data=line).status_code == 303
        self.clock.tick(minutes=1)
        path = self.note_link(first(r"(/tap/there/\S+)", self.letter_to(canary("person.email", "kim"))))
        assert (
            Phone(self.london).post(path, data=hidden(ok(Phone(self.london).get(path)).text, path)).status_code == 303
        )
        self.work()

    def end(self) -> None:
        """All of it after Monday morning."""
        self.welcome_first_timers()
        self.hold_the_run()
        self.drop_out()
        self.cancel()
        self.federation.settle(2 if len(self.others) > 1 else 0)

    def cancel(self) -> None:
        """Kim cancels the date after that: everybody may know it."""
        path = self.date_path(AFTER, "cancel")
        assert self.kim.tap(path, data={"reason": "weather", "note": PUBLIC}).status_code == 303
        self.clock.tick(minutes=1)
        self.work()

    def note_day(self, part: str, **typed: str) -> None:
        """Send one form of the page of Thursday's run."""
        path, action = self.date_path(THURSDAY, "run-day"), self.date_path(THURSDAY, f"run-day/{part}")
        page = ok(self.ada.get(path)).text
        answer = self.ada.post(action, data={**hidden(page, action), "form_id": form_id(page), **typed})
        assert answer.status_code == 303, words(answer)
        self.look()

    def date_path(self, day: date, *rest: str) -> str:
        """The address of a lead's pages about one date."""
        return "/".join((f"/lead/runs/{self.run.id}/dates/{day}", *rest))


def a_photo(canary: str) -> bytes:
    """A JPEG that carries the canary as phones carry time and place."""
    exif, made = Image.Exif(), io.BytesIO()
    exif[0x010E] = canary
    Image.effect_noise((64, 48), 80).save(made, "JPEG", exif=exif, comment=canary.encode())
    assert canary.encode() in made.getvalue()
    return made.getvalue()


def ok(answer: TestResponse) -> TestResponse:
    """The answer, which is a page."""
    assert answer.status_code == 200, words(answer)
    return answer


def first(pattern: str, text: str) -> str:
    """What the pattern's group finds first."""
    match = re.search(pattern, text)
    assert match, pattern
    return match[match.lastindex or 0]


def form_id(page: str) -> str:
    """The hidden id of a page's form, which field order does not tell `hidden`."""
    match = re.search(r'name="form_id"[^>]*value="([^"]*)"', page)
    return match[1] if match else ""
