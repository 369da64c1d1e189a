"""Searches of a small made-up library, beside a slow and obvious evaluator of the same trees."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from photoclust.core.dates import DatePrecision, DateSource, PhotoDate
from photoclust.core.folding import spellings
from photoclust.core.query.naming import Names, understand
from photoclust.core.query.parser import MAX_DEPTH, MAX_LENGTH, parse
from photoclust.core.query.tree import (
    And,
    FaceCount,
    Not,
    Only,
    Or,
    People,
    Place,
    Quality,
    Taken,
    Unnamed,
    Where,
    Word,
    leaves,
)
from photoclust.store import (
    file_names,
    files,
    people,
    photo_dates,
    photos,
    presences,
    schema,
    search,
)

ROOTS = (Path("/home/anna/Bilder"), Path("/media/Ägypten"))
FOLDERS = (
    ROOTS[0],
    ROOTS[0] / "Italien 2019" / "Rom",
    ROOTS[0] / "Österreich",
    ROOTS[0] / "O\u0308sterreich" / "100%_sure",
    ROOTS[1],
    ROOTS[1] / "Anna",
    Path("/elsewhere"),
)
NAMES = ("Anna", "Annette", "Ben", "Ben", "Jörg Müller", "Berta", None, None, "Anna Maria")
HIDDEN = (False, False, False, False, False, True, False, True, False)
NOBODY = (None, None, None)


@dataclass
class Row:
    """A photo as the evaluator sees it; `faces` are (person, quality, excluded)."""

    id: int
    faces: list = field(default_factory=list)
    present: list = field(default_factory=list)
    date: PhotoDate | None = None
    paths: list = field(default_factory=list)


def at(*parts):
    return datetime(*parts)  # noqa: DTZ001 - photos are dated in local time


def some_date(rng):
    """A date of any kind, or none; and the columns that keep it."""
    taken = at(1915, 1, 1) + timedelta(hours=rng.randrange(15 * 365 * 24))
    if rng.random() < 0.15:
        return None, {}
    columns = {"taken_at": taken, "date_source": "exif"}
    if rng.random() < 0.4:
        return PhotoDate(taken, DatePrecision.SECOND, DateSource.EXIF), columns
    precision = rng.choice(list(DatePrecision))
    value = {
        DatePrecision.SECOND: taken,
        DatePrecision.DAY: at(taken.year, taken.month, taken.day),
        DatePrecision.MONTH: at(taken.year, taken.month, 1),
        DatePrecision.YEAR: at(taken.year, 1, 1),
        DatePrecision.DECADE: at(taken.year // 10 * 10, 1, 1),
    }[precision]
    date = PhotoDate(value, precision, DateSource.HAND, rng.random() < 0.4)
    # What its file says counts for nothing then.
    columns["taken_at"] = at(1912, 1, 1) + timedelta(days=rng.randrange(15 * 365))
    return date, columns | {"dated": photo_dates.date_text(date)}


def make(library, rng, count=60):
    """Photos of all kinds; the last ones have no file any more."""
    rows = []
    with library.write() as tx:
        files.add_folders(tx, ROOTS)
        for number, (name, hidden) in enumerate(zip(NAMES, HIDDEN, strict=True), start=1):
            tx.execute(
                schema.person.insert().values(
                    id=number, alive=True, name=name, name_key=name, hidden=hidden
                )
            )
        tx.execute(schema.person.insert().values(id=90, alive=False, name="Carla"))
        for person, name in ((3, "Nan"), (90, "Gone")):
            tx.execute(
                schema.alias.insert().values(person_id=person, number=1, name=name, name_key=name)
            )
        for number in range(1, count + 1):
            row = Row(number)
            row.date, columns = some_date(rng)
            values = {"width": 4, "height": 3, "turn": 0, "detector": "made-up", **columns}
            tx.execute(schema.photo.insert().values(id=number, **values))
            for _ in range(rng.choice((0, 1, 1, 2, 3, 5))):
                person = rng.choice((*range(1, len(NAMES) + 1), *NOBODY))
                excluded = rng.random() < 0.15
                if excluded:
                    person = None
                quality = rng.randrange(10) / 10
                row.faces.append((person, quality, excluded))
                box = dict.fromkeys(("x", "y", "w", "h"), 0.1)
                tx.execute(
                    schema.face.insert().values(
                        photo_id=number,
                        landmarks=b"",
                        score=1,
                        quality=quality,
                        excluded=excluded,
                        person_id=person,
                        **box,
                    )
                )
            if rng.random() < 0.2:
                row.present.append(rng.randrange(1, len(NAMES) + 1))
                tx.execute(
                    schema.presence.insert().values(photo_id=number, person_id=row.present[0])
                )
            for copy in range(0 if number > count - 3 else rng.choice((1, 1, 2))):
                path = rng.choice(FOLDERS) / f"IMG_{number}_{copy}é.jpg"
                row.paths.append(path)
                tx.execute(
                    schema.file.insert().values(
                        photo_id=number,
                        path=path,
                        size=1,
                        mtime_ns=1,
                        hash=b"%d" % number,
                        state=rng.choice((None, None, "deleted", "offline")),
                    )
                )
            rows.append(row)
    return rows


# The evaluator


def holds(node, row):  # noqa: PLR0911 - one for each kind of node
    there = {person for person, _, excluded in row.faces if not excluded}
    everybody = there | set(row.present)
    faces = [face for face in row.faces if not face[2]]
    match node:
        case And(parts):
            return all(holds(part, row) for part in parts)
        case Or(parts):
            return any(holds(part, row) for part in parts)
        case Not(part):
            return not holds(part, row)
        case People(people):
            return bool(people & everybody)
        case Only(groups):
            wanted = set().union(*(group.people for group in groups))
            return all(group.people & everybody for group in groups) and everybody <= wanted
        case Unnamed():
            return any(
                person is None or (NAMES[person - 1] is None and not HIDDEN[person - 1])
                for person in there
            )
        case FaceCount(bounds):
            return len(faces) in bounds
        case Quality(bounds):
            return any(quality in bounds for _, quality, _ in faces)
        case Taken():
            return row.date is not None and may_be(row.date, node)
        case Place(text, where):
            return any(called(path, text, where) for path in row.paths)
    raise AssertionError(node)


def may_be(date, taken):
    first = date.value
    step = {
        DatePrecision.SECOND: timedelta(0),
        DatePrecision.DAY: timedelta(days=1),
        DatePrecision.MONTH: timedelta(days=31),
        DatePrecision.YEAR: timedelta(days=366),
        DatePrecision.DECADE: timedelta(days=3653),
    }[date.precision]
    end = first + step
    if date.precision is DatePrecision.MONTH:
        end = end.replace(day=1)
    elif date.precision in {DatePrecision.YEAR, DatePrecision.DECADE}:
        end = end.replace(month=1, day=1)
    if date.about:
        if date.precision is DatePrecision.SECOND:
            first, end = first - timedelta(hours=1), end + timedelta(hours=1)
        elif date.precision is DatePrecision.DAY:
            first, end = first - step, end + step
        elif date.precision is DatePrecision.MONTH:
            first = (first - timedelta(days=1)).replace(day=1)
            end = (end + timedelta(days=31)).replace(day=1)
        else:
            years = 1 if date.precision is DatePrecision.YEAR else 10
            first, end = first.replace(year=first.year - years), end.replace(year=end.year + years)
    before = taken.end is None or first < taken.end
    after = taken.first is None or end > taken.first
    if date.precision is DatePrecision.SECOND and not date.about:
        after = taken.first is None or first >= taken.first
    return before and after


def called(path, text, where):
    for root in ROOTS:
        if path.is_relative_to(root):
            path = Path(root.name) / path.relative_to(root)
    folders = [] if where is Where.FILE else [f"/{path.parent}/"]
    name = [] if where is Where.FOLDER else [path.name]
    whole = [f"/{path.parent}/{path.name}"] if where is Where.ANY and "/" in text else []
    return any(
        wanted in spelling
        for part in folders + name + whole
        for spelling in spellings(part)
        for wanted in spellings(text)
    )


# Random searches


TERMS = (
    *("anna", "annette", "ann", "ben", "jorg", "joerg muller", "berta", "nan", '"Anna Maria"'),
    *("anna maria", "gone", "carla", "p3", "unnamed", "only: anna", "only: ben anna", "only: ann"),
    *("1920", "1920-05", "1918..1922", "1920s", "before:1920", "after:1925-06", "1920-05-12.."),
    *("faces:0", "faces:>2", "faces:1..2", "faces:<2", "faces:=5", "faces:>9"),
    *("quality:<0.3", "quality:>=0.9", "quality:0.5"),
    *("italien", "osterreich", "folder:oesterreich", "file:img_1", "file:é", "agypten", "100%_"),
    *("%", "_", "rom/img", "home", "bilder", "elsewhere", "folder:rom/", "file:rom", "nowhere"),
)


def some_search(rng, depth=3):
    if depth == 0 or rng.random() < 0.3:
        return rng.choice(TERMS)
    parts = [some_search(rng, depth - 1) for _ in range(rng.choice((1, 2, 2, 3)))]
    joined = rng.choice((" ", " ", " or ")).join(f"({part})" for part in parts)
    return f"-({joined})" if rng.random() < 0.3 else joined


def found(tx, text):
    """The tree of a search with what its words stand for, and the photos that are found."""
    tree = understand(parse(text), Names(search.known_names(tx)), text)
    wanted = [leaf for leaf in leaves(tree) if isinstance(leaf, Place)]
    return tree, search.find(tx, tree, file_names.photos_named(tx, wanted))


@pytest.mark.parametrize("seed", range(2))
def test_the_statement_finds_what_a_slow_evaluator_does(library, seed):
    rng = random.Random(seed)
    rows = make(library, rng)
    hits = 0
    with library.read() as tx:
        by_date = photos.photo_ids(tx)
        for text in (*TERMS, *(some_search(rng) for _ in range(40))):
            tree, ids = found(tx, text)
            wanted = {row.id for row in rows if row.paths and holds(tree, row)}
            assert set(ids) == wanted, text
            assert ids == [number for number in by_date if number in wanted], text
            hits += 0 < len(ids) < len(by_date)
    assert hits > 50


def test_every_term_divides_the_library(library):
    """Else the test above says little of it."""
    make(library, random.Random(0), 200)
    nothing = {"gone", "carla", "faces:>9", "home", "file:rom", "nowhere"}
    everything = {"file:é", "_"}
    with library.read() as tx:
        count = len(photos.photo_ids(tx))
        for text in TERMS:
            number = len(found(tx, text)[1])
            expected = 0 if text in nothing else count if text in everything else None
            assert number == expected or (expected is None and 0 < number < count), text


def test_an_empty_search_finds_all_and_a_word_alone_is_refused(library):
    make(library, random.Random(0))
    with library.read() as tx:
        assert found(tx, "")[1] == photos.photo_ids(tx)
        with pytest.raises(ValueError, match="what this stands for"):
            search.find(tx, parse("anna"), {})
    assert isinstance(parse("anna"), Word)


def test_a_search_is_one_statement(library):
    make(library, random.Random(0))
    text = "(ben or anna) -unnamed 1918.. faces:>0 quality:>0.1 only: anna ben"
    statements = []
    with library.read() as tx:
        tree, _ = found(tx, text)
        event.listen(tx, "before_cursor_execute", lambda *said: statements.append(said[2]))
        search.find(tx, tree, {})
        assert len(statements) == 1


@pytest.mark.parametrize(
    "text",
    [
        " ".join(["anna"] * (MAX_LENGTH // 5)),
        "-(" * (MAX_DEPTH // 2) + "anna 1920s" + ")" * (MAX_DEPTH // 2),
        " or ".join(["1920"] * (MAX_LENGTH // 9)),
        " ".join(["-x"] * (MAX_LENGTH // 3)),
        "only: " + " ".join(["ann"] * (MAX_LENGTH // 4 - 3)),
    ],
    ids=lambda text: text[:12],
)
def test_the_longest_searches_are_carried_out(library, text):
    rows = make(library, random.Random(0), 20)
    with library.read() as tx:
        tree, ids = found(tx, text)
    assert set(ids) == {row.id for row in rows if row.paths and holds(tree, row)}


# What stands beside the photos


def test_faces_and_names_of_photos(library, maker, make_face, do, person):
    one, other = maker.photo(), maker.photo()
    right, left = maker.faces(one, [make_face((200, 30, 50, 50)), make_face((20, 30, 50, 50))])
    (alone,) = maker.faces(other, [make_face()])
    with library.write() as tx:
        anna, ben, berta = (person(tx, name) for name in ("Anna", "Ben", "Berta"))
        do(tx, people.confirm, [right, left], anna)
        do(tx, people.confirm, [alone], berta)
        do(tx, presences.set_present, [one, other], ben, True)
        do(tx, people.hide, berta, True)
    with library.read() as tx:
        assert search.faces_of(tx, {anna, ben}, [other, one]) == {one: [left, right]}
        assert search.names_in(tx, [one, other]) == {
            one: [(ben, "Ben"), (anna, "Anna")],
            other: [(ben, "Ben")],
        }
        assert search.names_in(tx, [other], {berta})[other] == [(ben, "Ben"), (berta, "Berta")]
        assert search.named_people(tx)[ben] == ("Ben", 2)


def test_times_count_what_is_known(library):
    with library.write() as tx:
        values = {"width": 4, "height": 3, "turn": 0, "detector": "made-up"}
        for precision, about in (
            (DatePrecision.DAY, False),
            (DatePrecision.MONTH, True),
            (DatePrecision.YEAR, False),
            (DatePrecision.DECADE, True),
        ):
            date = PhotoDate(at(1920, 1, 1), precision, DateSource.HAND, about)
            tx.execute(schema.photo.insert().values(dated=photo_dates.date_text(date), **values))
        tx.execute(schema.photo.insert().values(taken_at=at(1921, 5, 1), **values))
        tx.execute(schema.photo.insert().values(**values))
        assert search.times(tx) == {"1920": 4, "1921": 1}
        assert search.times(tx, months=True) == {"1920-01": 2, "1921-05": 1}
