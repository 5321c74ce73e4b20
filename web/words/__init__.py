"""Codes, numbers and times in words."""

from inspect import isfunction

from flask import Flask

from federation.encodings import from_date

from .. import context
from . import board, countries, hq, listings, maps, namesakes, set_up, shared, sizes, states, texts, times
from .facts import notices as dated_notices
from .facts import silence
from .helping import helplines
from .languages import names as language_list
from .languages import own_texts
from .members import accounts, letters, messages, rota, run_day
from .upkeep import server


def start(app: Flask) -> None:
    """Give templates every public function of these modules, the filters of `texts`, and `now`, the page's time."""
    of_facts = (dated_notices, silence)
    of_people = (accounts, letters, messages, rota, run_day)
    for module in (
        board,
        countries,
        *of_people,
        *of_facts,
        helplines,
        hq,
        listings,
        maps,
        namesakes,
        language_list,
        own_texts,
        set_up,
        server,
        shared,
        sizes,
        states,
        times,
    ):
        for name, function in vars(module).items():
            if isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_"):
                if name in app.jinja_env.globals:
                    raise ValueError(f"templates have a {name} already: {module.__name__} would take its place")
                app.jinja_env.globals[name] = function
    app.jinja_env.globals["from_date"] = from_date
    app.jinja_env.filters.update(bdi=texts.bdi, isolated=texts.isolated, paragraphs=texts.paragraphs)
    app.context_processor(lambda: {"now": context.now()})
