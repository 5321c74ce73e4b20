"""What templates get from web.words by name."""

import pytest
from flask import Flask

from web import words
from web.words import board
from web.words.members import letters


def test_no_function_of_one_module_takes_the_place_of_another_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two modules had a `reach_words`: no lead was told any more how far a cancellation had come."""

    def reach_words(reach: str) -> str:
        return reach

    reach_words.__module__ = letters.__name__
    monkeypatch.setattr(letters, "reach_words", reach_words, raising=False)
    with pytest.raises(ValueError, match="reach_words already"):
        words.start(Flask("fresh"))


def test_the_functions_of_each_module_are_there() -> None:
    app = Flask("fresh")
    words.start(app)
    assert app.jinja_env.globals["reach_words"] is board.reach_words
    assert app.jinja_env.globals["unreached_words"] is letters.unreached_words
