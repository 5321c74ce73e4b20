"""A small real federation behind real ports, with a run for each situation that a date can be in."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from federation.documents import MeetingPoint
from node.chapter import dates, pauses, runs, series
from node.chapter.profile import ProfileInput, edit_profile
from node.hq import admissions, registry
from node.mail import closed
from node.members.accounts import codes, invitations
from node.models import Chapter, KnownPeer, Person, SignInCode
from node.sync import joining

from ..support.many_chapters import list_many
from ..support.network import (
    BRISBANE,
    LONDON,
    PETERBOROUGH,
    Clock,
    LocalFederation,
    LocalNode,
    a_run,
    free_ports,
    served,
)
from ..support.set_up import Founder
from ..support.tomorrow import speaks_tomorrow
from ..support.web_client import Phone
from . import closed as closed_chapter
from . import evening, links, rotas, setting_up
from .facts import filled as facts
from .inbox import filling

#: The coming Thursday, and the one after it.
DAY, NEXT = date(2026, 6, 4), date(2026, 6, 11)
#: The longest word in a name that anybody has to show, and as many characters as a listing takes.
LONG_NAME = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"
LONG_TEXT = "Come as you are; the ŵ and the ŷ are at home here. " * 19
LONG = ProfileInput(LONG_NAME, LONG_NAME, "GB", "Europe/London", LONG_TEXT)
NAMESAKE = ProfileInput("London", "London", "CA", "America/Toronto")
ONTARIO = {"point_name": "Thames Park", "lat_e4": 429800, "lon_e4": -812500}
#: Past the documents' and the registry's fresh_until; past the documents' expiry.
LATER = {"now": timedelta(0), "stale": timedelta(days=8), "expired": timedelta(days=20)}

WELSH = {
    "directions": "Wrth droed y golofn, wrth y grisiau.",
    "look_for": "Rhywun mewn cap oren",
    "what_happens": "Dweud helo, cerdded ar lan yr afon a siarad fesul dau.\nWedyn mae te i bwy bynnag sy’n dymuno.",
    "bring": "Dŵr, a rhywbeth cynnes",
    "public_transport": "Mae bysiau 15 a 17 yn stopio y tu allan.",
}
ARABIC = {"directions": "عند قاعدة العمود، بجانب الدرج.", "look_for": "شخص يرتدي قبعة برتقالية"}
EVERYTHING = a_run(
    name="Riverside walk for everybody",
    kind="walk",
    repeats="monthly",
    starts_on=DAY,
    until=date(2027, 3, 4),
    exdates=(date(2026, 7, 2),),
    look_for="Somebody in an orange cap",
    what_happens="We say hello, walk by the river and talk in pairs.\nAfterwards there is tea for whoever likes.",
    bring="Water, and something warm",
    facilities=runs.FACILITIES,
    accessibility="Kerbs are lowered; the path is tarmac. A bench stands by the steps.",
    audience="over-60",
    minimum_age=16,
    younger_accompanied=True,
    languages=("en", "cy"),
    public_transport="Buses 15 and 17 stop outside. Bank station is five minutes away.",
    parking="Bike racks by the steps. No parking for cars.",
    landmark="Monument station",
    landmark_distance_m=240,
    landmark_direction="south",
    photos="ask-first",
    bank_holidays="not-held",
    free_of_charge=False,
    warming_up=True,
    text_language="en",
    translations={"cy": WELSH, "ar": ARABIC},
)
LONGEST = a_run(
    name=f"{LONG_NAME} run",
    point_name=LONG_NAME,
    address=f"{LONG_NAME} " * 3,
    directions="Behind the old pump house, to the left of the second gate. " * 16,
    look_for="W" * 200,
    what_happens=("We walk, and we talk.\n" * 45)[:1000],
    bring="x" * 200,
    accessibility="Step by step. " * 70,
)
#: London's runs by the situation that their next date is in; what a lead then does to them is in `_say`.
LONDONS = {
    "quiet": a_run(name="Quiet evening run", exdates=(date(2026, 6, 18),)),
    "confirmed": a_run(name="Evening run at the Monument", look_for="Sam, in a yellow jacket"),
    "cancelled": a_run(name="Canal run"),
    "moved": a_run(name="Bridge run"),
    "confirmed_there": a_run(name="Tower run"),
    "changed": a_run(name="Market run"),
    "paused": a_run(name="Heath run"),
    "gap": a_run(name="Park run-walk", exdates=(DAY,), precision_m=1_000),
    "begun": a_run(name="Monday morning walk", starts_on=date(2026, 6, 1), starts_at=time(9, 30)),
    "tonight": a_run(name="Monday evening run", starts_on=date(2026, 6, 1)),
    "once": a_run(name="Midsummer walk", repeats="once", starts_on=date(2026, 6, 21), starts_at=time(4, 30)),
    "everything": EVERYTHING,
    "ending": a_run(name="Station run"),
    "gone": a_run(name="Winter run", starts_on=date(2026, 9, 3)),
}
SHADE = MeetingPoint("Castle Park", "Wine Street, Bristol BS1", "Under the plane trees.", 514556, -25900)
ELSEWHERE = MeetingPoint("Tower Hill", "Trinity Square, London EC3N", "By the sundial.", 515100, -760)


class World:
    """All nodes by name, and what stands in braces in addresses: chapters, runs, days, links."""

    def __init__(self, folder: Path) -> None:
        self.clock, self._patched = Clock(), pytest.MonkeyPatch()
        ports = iter(free_ports(17))
        self.federation = LocalFederation(folder / "grown", self.clock, ports)
        self.young = LocalFederation(folder / "young", self.clock, ports)
        self.wide = LocalFederation(folder / "wide", self.clock, ports)
        self.nodes: dict[str, LocalNode] = {"hq": self.federation.hq, "young-hq": self.young.hq, "wide": self.wide.hq}
        for name, profile in {"london": LONDON, "peterborough": PETERBOROUGH, "brisbane": BRISBANE}.items():
            self.nodes[name] = self.federation.add_chapter(profile)
        self.nodes["long"] = self.federation.add_chapter(LONG)
        self.nodes["suspended"] = self.federation.add_chapter(replace(PETERBOROUGH, name="Leeds", place="Leeds"))
        self.nodes["waiting"] = self.federation.add_chapter(
            replace(PETERBOROUGH, name="York", place="York"), admit=False
        )
        self._ask_to_join("waiting", "York: Priya, who ran with London until March")
        self.nodes["tomorrow"] = self.federation.add_chapter(replace(PETERBOROUGH, name="Bristol", place="Bristol"))
        self.nodes["namesake"] = self.federation.add_chapter(replace(NAMESAKE, name="London in Ontario"))
        self.nodes["young"] = self.young.add_chapter(LONDON, admit=False)
        self.being_set_up = setting_up.make(folder, self.clock, ports)
        self.nodes |= self.being_set_up
        self.nodes["closed"] = LocalNode(folder / "closed", self.clock, next(ports))
        closed_chapter.close(self.nodes["closed"], self.clock)
        self._began = self.clock()
        self.names = {"day": DAY.isoformat(), "next": NEXT.isoformat()}
        self.names["fiftieth"] = list_many(self.wide.hq, 300)[49]
        self._fill()

    def url(self, node: str, path: str) -> str:
        """Where a page is."""
        return self.nodes[node].settings.base_url + path.format(**self.names)

    def phone(self, node: str) -> Phone:
        """A signed-in lead of the chapter, beside the browser."""
        return Phone(self.nodes[node]).sign_in("Alex")

    def link(self, node: str, role: str = "lead") -> str:
        """The path of a new one-time link of one lead, or of one person of another role."""
        made = self.nodes[node]
        with made.session() as session:
            found = session.scalars(select(Person.id).where(Person.first_name == "Sam", Person.role == role)).first()
        return f"/signin/{Phone(made).link(found or made.add_lead(role=role).id)}"

    def set_up_link(self, node: str) -> str:
        """The path of a new one-time link to the set-up of a node."""
        return Founder(self.nodes[node]).link()

    def way_in(self, node: str, role: str) -> str:
        """The path by whose button a browser is signed in there. Who sets a chapter up has a link of another kind."""
        return self.set_up_link(node) if node in self.being_set_up else self.link(node, role)

    def make_links(self) -> None:
        """New one-time links for the addresses of looks: `link` signs in, `set_up_link` opens a set-up."""
        self.names["link"] = self.link("london")
        self.names["set_up_link"] = self.set_up_link("untouched")

    def go_to(self, stage: str) -> None:
        """Let the time pass; nobody signs or reads anything meanwhile."""
        self.clock.now = self._began + LATER[stage]

    def close(self) -> None:
        """Let go of the files."""
        self._patched.undo()
        self.federation.close()
        self.young.close()
        self.wide.close()
        for node in self.being_set_up.values():
            node.close()
        self.nodes["closed"].engine.dispose()

    def _fill(self) -> None:
        for name in ("london", "peterborough", "brisbane", "long", "suspended", "waiting", "tomorrow", "namesake"):
            self.names[name] = self.nodes[name].chapter_id
        for name, run in LONDONS.items():
            self._announce("london", name, run)
        self._announce("peterborough", "river", a_run(name="River run", lat_e4=525700, lon_e4=-2400))
        self._announce("long", "longest", LONGEST)
        here = {"point_name": "South Bank", "lat_e4": -274770, "lon_e4": 1530200, "timezone": "Australia/Brisbane"}
        self._announce("brisbane", "dawn", a_run(name="Dawn walk", starts_at=time(6, 0), **here))
        self._announce("brisbane", "night", a_run(name="Lantern walk", starts_at=time(19, 0), **here))
        self._announce("waiting", "minster", a_run(name="Minster run"))
        self._announce("suspended", "dock", a_run(name="Dock run"))
        self._do("namesake", edit_profile, NAMESAKE)
        self._announce("namesake", "thames", a_run(name="Thames run", timezone="America/Toronto", **ONTARIO))
        self._stop_letters()
        self._ask_for_codes()
        self._announce_tomorrow()
        # Before the leads say anything: some of the dates are moved and cancelled afterwards.
        self.names |= links.make(self.nodes["london"], self.names, DAY, NEXT, DAY - timedelta(days=3))
        self.names |= filling.write(self.nodes["london"], self.names["everything"])
        self.names |= filling.wish(self.nodes["hq"], self.names["long"])
        self.federation.settle()
        self._say()
        self.names |= rotas.fill(self.nodes["london"], self.names, DAY)
        self.names |= facts.fill(self.nodes["london"], self.names)
        self.federation.settle()
        evening.fill(
            self.nodes["london"], (self.names["confirmed"], DAY), (self.names["begun"], DAY - timedelta(days=3))
        )
        self._restore("long")
        self._restore("wide")
        self._contradict("wide")
        # On its way to nobody yet: its board waits.
        self._say_of("brisbane", "dawn", dates.confirm, DAY)

    def _ask_for_codes(self) -> None:
        """Links to sign in: of an address that is new, and of a member's; and a lead's invitation."""
        london, now = self.nodes["london"], self.clock()
        settings = london.settings
        with london.session() as session:
            for name, email in (("known_link", "known@example.org"), ("code_link", "new@example.org")):
                codes.ask(session, settings, email, name, "en", now)
                code_id = session.scalars(select(SignInCode.id)).one()
                token = codes.link_token(settings, code_id)
                self.names[name] = f"/signin/mail/{token}"
                if name == "known_link":
                    codes.use_link(session, settings, token, codes.Arrival("Firefox", "en", "I’d like one."), now)
            codes.ask(session, settings, "known@example.org", "again", "en", now)
            again = session.scalars(select(SignInCode.id).where(SignInCode.person_id.is_not(None))).one()
            self.names["known_link"] = f"/signin/mail/{codes.link_token(settings, again)}"
            by = london.add_lead("Ada").id
            self.names["ada"] = str(by)
            token = invitations.invite(session, settings, "co-lead", by, "", "a", now)
            self.names["invited"] = f"/invited/{token}"

    def _stop_letters(self) -> None:
        """Two readers of London's letters; one of them has stopped them."""
        london = self.nodes["london"]
        for name in ("stop", "stopped"):
            index = closed.index_of(london.settings, f"{name}@example.org")
            self.names[name] = f"/stop/{index}/{closed.stop_token(london.settings, index)}"
        with london.session() as session:
            closed.stop(session, index, self.clock())

    def _ask_to_join(self, name: str, note: str) -> None:
        node, hq = self.nodes[name], self.federation.hq
        with hq.session() as session:
            invitation = admissions.invite(session, hq.settings, note, False, self.clock())
        joining.join(node.handle, invitation)

    def _announce_tomorrow(self) -> None:
        """A chapter whose program is newer than all others'."""
        here = {"point_name": "The harbour bridge", "lat_e4": 514500, "lon_e4": -25900}
        speaks_tomorrow(self._patched, self.nodes["tomorrow"].chapter_id)
        self._announce("tomorrow", "theirs", a_run(name="Harbour run", **here))
        self._announce("tomorrow", "daily", a_run(name="A walk every day", **here))
        self._announce("tomorrow", "shut", a_run(name="Bridge walk", **here))

    def _say(self) -> None:
        """What the leads say of their dates."""
        say_in_london = partial(self._say_of, "london")
        later = datetime.fromisoformat(f"{DAY} 19:15")
        changed = a_run(name="Market run", starts_at=time(19, 0), point_name="Leadenhall Market", lat_e4=515128)
        say_in_london("confirmed", dates.confirm, DAY)
        say_in_london("begun", dates.confirm, DAY - timedelta(days=3))
        say_in_london("cancelled", dates.cancel, DAY, "weather", "There is ice on the towpath.")
        say_in_london("moved", dates.move, DAY, later, ELSEWHERE, "The square is closed.")
        say_in_london("confirmed_there", dates.move, DAY, None, ELSEWHERE, "")
        say_in_london("confirmed_there", dates.confirm, DAY)
        say_in_london("changed", series.edit, changed)
        say_in_london("paused", pauses.pause, DAY, date(2026, 7, 2), "The heath is being mown.")
        say_in_london("ending", series.withdraw)
        say_in_london("gone", series.withdraw)
        self._say_of("brisbane", "night", dates.cancel, DAY, "lead", "")
        self._say_of("brisbane", "night", dates.move, NEXT, None, ELSEWHERE, "After dark.")
        self._say_of("tomorrow", "theirs", dates.move, DAY, None, SHADE, "It is too hot by the water.")
        self._say_of("tomorrow", "shut", dates.cancel, DAY, "other", "")
        self._do("peterborough", pauses.pause, None, date(2026, 6, 1), None, "We are looking for a new lead.")
        self._do("hq", registry.set_status, self.names["long"], "paused")
        self._do("hq", registry.set_status, self.names["suspended"], "suspended")
        self._do("hq", admissions.invite, "Leeds, asked in May", True)
        self.names["person"] = str(self.nodes["hq"].add_lead("Kim").id)

    def _restore(self, node: str) -> None:
        """As a node stands that has met a newer list of its own runs."""
        with self.nodes[node].session() as session:
            session.get_one(Chapter, 1).taken_over_at = self.clock()
            session.commit()

    def _contradict(self, node: str) -> None:
        """As a node stands whose clock is an hour ahead of all others."""
        with self.nodes[node].session() as session:
            for number in range(5):
                url = f"https://{number}.example.org"
                session.add(KnownPeer(base_url=url, status_at=self.clock(), clock_off_seconds=-3600))
            session.commit()

    def _announce(self, node: str, name: str, run: runs.RunInput) -> None:
        self.names[name] = self.nodes[node].announce(run).id

    def _say_of(self, node: str, run: str, act: Callable[..., Any], *said: Any) -> None:
        self._do(node, act, self.names[run], *said)

    def _do(self, node: str, act: Callable[..., Any], *said: Any) -> None:
        """What a lead does, on the node's own database."""
        with self.nodes[node].session() as session:
            act(session, self.nodes[node].settings, *said, self.clock())


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """The world, each node behind its port."""
    made = World(folder)
    with ExitStack() as ports:
        for node in made.nodes.values():
            ports.enter_context(served(node))
        yield made
    made.close()
