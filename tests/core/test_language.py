import os
import subprocess
import sys
from pathlib import Path

import pytest

from photoclust.core import language, reasons
from photoclust.core.errors import UnreadableFileError, UserError
from photoclust.core.language import marked, tr, tr_kept, tr_n
from photoclust.core.query.errors import QueryError
from photoclust.core.query.parser import parse


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


def test_a_search_that_is_not_understood_is_explained_at_the_same_word(german):
    with pytest.raises(QueryError, match="hinter ordner: fehlt etwas: ein Teil") as told:
        parse("anna folder:")
    language.use("en")
    with pytest.raises(QueryError, match="behind folder: something is missing") as english:
        parse("anna folder:")
    assert told.value.span == english.value.span
    assert told.value.pointed() == english.value.pointed()


def test_what_was_kept_in_english_is_said_in_the_language_of_who_looks(german):
    damaged = reasons.DAMAGED.format(kind="JPEG")
    assert reasons.said(damaged) == "die JPEG-Daten sind beschädigt oder unvollständig"
    assert reasons.said("the file is empty") == "die Datei ist leer"
    assert reasons.said("5.1 GB of {nothing}") == "5.1 GB of {nothing}"
    assert reasons.said("") == ""
    large = reasons.TOO_MANY_BYTES.format(size="5.1")
    assert reasons.said(large) == "die Datei ist zu groß (5,1 GB) für ein Bild"
    error = UnreadableFileError(Path("a.jpg"), damaged)
    assert error.reason == damaged
    assert str(error) == "a.jpg: die JPEG-Daten sind beschädigt oder unvollständig"
    language.use("en")
    assert reasons.said(damaged) == damaged


def test_what_was_kept_may_hold_what_was_kept(german):
    forms = (marked("{low} to {high}"), marked("more than {number}"))
    assert tr_kept("more than 1 to 2,500.5", forms) == "mehr als 1 bis 2\u202f500,5"


def test_a_language_that_is_not_there_is_refused():
    with pytest.raises(UserError, match="choose en or de"):
        language.use("tlh")
    assert language.current() == "en"
