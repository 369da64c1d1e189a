import os
import subprocess
import sys

import pytest

from photoclust.core import language
from photoclust.core.errors import UserError
from photoclust.core.language import tr, tr_n


@pytest.fixture
def german(monkeypatch):
    monkeypatch.setenv("PHOTOCLUST_LANGUAGE", language.current())
    language.use("de")
    yield
    language.use("en")


def test_what_has_no_translation_stays_and_braces_in_fields_stay_too():
    assert tr("no {such} message") == "no {such} message"
    assert tr("no such {thing}", thing="{brace}") == "no such {brace}"


def test_numbers_choose_the_form_and_get_thin_spaces():
    assert tr_n(1, "{n} thing of {who}", "{n} things of {who}", who="Ada") == "1 thing of Ada"
    assert tr_n(12345, "{n} thing", "{n} things") == "12\u202f345 things"


def test_english_and_german_write_decimals_each_in_its_way(german):
    assert language.decimal(1234.567, 2) == "1\u202f234,57"
    assert language.decimal(1234.4, 0) == "1\u202f234"
    language.use("en")
    assert language.decimal(1234.567, 2) == "1\u202f234.57"


def test_few_digits_are_written_each_in_its_way_too(german):
    assert [language.significant(value, 3) for value in (0.012345, 0.5, 99.5)] == [
        "0,0123",
        "0,5",
        "99,5",
    ]
    language.use("en")
    assert [language.significant(value, 4) for value in (99.95, 99.0)] == ["99.95", "99"]


def test_german_is_spoken_and_left_again(german):
    assert language.current() == "de"
    assert tr("As the system") == "Wie das System"
    language.use("en")
    assert tr("As the system") == "As the system"


def test_processes_that_are_started_speak_the_same_language(german):
    code = "from photoclust.core import language; print(language.tr('As the system'))"
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, env=dict(os.environ)
    )
    assert said.stdout.decode().strip() == "Wie das System"


def test_a_language_that_is_not_there_is_refused():
    with pytest.raises(UserError, match="choose en or de"):
        language.use("tlh")
    assert language.current() == "en"
