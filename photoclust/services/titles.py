"""Entries of the journal in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from photoclust.core.language import marked, tr, tr_in, tr_n
from photoclust.core.types import JournalEntry
from photoclust.store import journal, photo_dates

_VERBS = {
    "name": marked("Named"),
    "rename": marked("Renamed"),
    "merge": marked("Merged"),
    "move": marked("Moved"),
    "confirm": marked("Confirmed"),
    "reject": marked("Marked as somebody else:"),
    "hide": marked("Hid"),
    "show": marked("Showed again"),
    "not a face": marked("Marked as no face:"),
    "a face": marked("Marked as a face:"),
    "draw": marked("Drew"),
    "delete": marked("Deleted"),
    "date": marked("Dated"),
    "import": marked("Imported"),
    "take names": marked("Took over"),
    "scan": marked("Scan"),
    "group": marked("Grouping"),
    "regroup": marked("Grouped anew"),
    journal.BETTER_GROUPS: marked("Moved to better groups:"),
    "same photo": marked("Allowed"),
    "same shot": marked("Carried over from other forms of a shot:"),
    "alias": marked("Noted that"),
    "no alias": marked("Noted that"),
    "birthday": marked("Noted the birthday of"),
    "cover": marked("Chose the picture of"),
    "tag": marked("Tagged"),
    "untag": marked("Took the tag away:"),
    "turn": marked("Turned"),
    "negative": marked("Took for negatives:"),
    "no negative": marked("Took for no negatives:"),
    "resize": marked("Changed the box of"),
    "recognize": marked("Named"),
    "not sure": marked("Not sure"),
    "not sure of two": marked("Not sure whether two groups are one person"),
    "looked again": marked("Looked again at"),
    "two people": marked("Kept two groups apart"),
    "train": marked("Training"),
    "embed": marked("Looked at faces again with"),
    "use model": marked("Changed the model to"),
    "used model": marked("Changed the model to"),
    "remove model": marked("Removed the model"),
    "undo": marked("Undid"),
    "redo": marked("Did again"),
    "upgrade": marked("Took over what was decided before there was a journal"),
    "relocate": marked("Moved a folder"),
    "remove folder": marked("Removed a folder"),
    "purge": marked("Removed deleted photos"),
    "forget": marked("Forgot a person:"),
    "forget all": marked("Forgot everybody:"),
    "repair": marked("Repaired the library"),
}

_SOURCES = {
    "files": marked("files"),
    "picasa": "Picasa",
    "digikam": "digiKam",
    "osxphotos": "Apple Photos",
}


def title(entry: JournalEntry) -> str:
    """An entry in a few words, such as `Named 12 faces Anna`. Names are plain text."""
    if entry.kind == "split":
        act = tr_in("history", "Split off")  # elsewhere what a button does
    else:
        act = tr(_VERBS.get(entry.kind, entry.kind))
    what = _about(entry)
    return tr("{act} {what}", act=act, what=what) if what else act


def _about(entry: JournalEntry) -> str:
    """What or whom an act was about; empty where nothing tells."""
    details, people = entry.details, _people(entry)
    last = people[-1] if people else tr("somebody")
    faces = _faces(details["faces"]) if details.get("faces") else ""
    of_several = people[0] if len(people) > 1 else None
    match entry.kind:
        case "name":
            what = tr("{what} {name}", what=faces or _thing(details.get("target")), name=last)
        case "rename":
            before = details.get("before") or tr("somebody")
            what = tr("{before} to {after}", before=before, after=last)
        case "merge":
            one = of_several or _thing(details.get("target"))
            what = tr("{one} into {other}", one=one, other=last)
        case "move":
            what = tr("{faces} to {name}", faces=faces, name=last)
        case "split":
            what = tr("{faces} from {name}", faces=faces, name=of_several) if of_several else faces
        case "reject":
            what = tr("{faces} not {names}", faces=faces, names=", ".join(people))
        case "date" | "same photo":
            what = _about_photos(entry)
        case "undo" | "redo":
            what = ", ".join(map(str, details["entries"]))
        case "hide" | "show" | "delete" | "confirm":
            what = ", ".join(people) or _hidden_groups(details)
        case "import" | "take names":
            what = _taken_over(entry, faces)
        case "relocate":
            what = tr("{old} to {new}", old=details["from"], new=details["to"])
        case _:
            told = _described(entry, people) or _model(entry) or _recognized(details)
            what = told or _answered(entry) or str(details.get("folder") or faces)
    return what


def _taken_over(entry: JournalEntry, faces: str) -> str:
    source = entry.details["from"]
    if entry.kind == "take names":
        source = tr(_SOURCES.get(source, source))
    if entry.kind == "import":
        return tr("decisions of {author} from {source}", author=entry.author, source=source)
    if not faces:
        tagged = entry.details.get("tagged", 0)
        names = tr_n(tagged, "{n} name without a box", "{n} names without a box")
        return tr("{names} from {source}", names=names, source=source)
    return tr("names of {faces} from {source}", faces=faces, source=source)


def _thing(key: str | None) -> str:
    """What has this id and no name, in words: ids mean nothing to who reads a history."""
    match (key or "")[:1]:
        case "g":
            return tr("a group without a name")
        case "f":
            return tr("a face")
        case _:
            return tr("somebody")


def _people(entry: JournalEntry) -> list[str]:
    people = entry.details.get("people", {}).values()
    return [name or tr("somebody without a name") for name in people]


def _faces(number: int) -> str:
    return tr_n(number, "{n} face", "{n} faces")


def _photos(number: int) -> str:
    return tr_n(number, "{n} photo", "{n} photos")


def _hidden_groups(details: Mapping[str, Any]) -> str:
    if "groups" not in details:
        return ""
    return tr_n(
        details["groups"],
        "{n} group in fewer than {photos}",
        "{n} groups in fewer than {photos}",
        photos=_photos(details["smaller_than"]),
    )


def _described(entry: JournalEntry, people: Sequence[str]) -> str:
    """What was said of people and photos besides who is who; empty for other acts."""
    details = entry.details
    who = people[-1] if people else tr("somebody")
    photos = details.get("photos", 0)
    match entry.kind:
        case "alias":
            alias = details.get("alias") or tr("something else")
            what = tr("{name} is also called {alias}", name=who, alias=alias)
        case "no alias":
            alias = details.get("alias") or tr("something else")
            what = tr("{name} is not called {alias} any more", name=who, alias=alias)
        case "birthday":
            born = details.get("birthday")
            when = tr("unknown") if born is None else photo_dates.read_date(born).describe()
            what = tr("{name}: {date}", name=who, date=when)
        case "cover":
            what = who if details.get("face") else tr("{name}: the best one", name=who)
        case "tag" | "untag":
            what = tr_n(photos, "{name} in {n} photo", "{name} in {n} photos", name=who)
        case "turn" | "negative" | "no negative":
            what = _photos(photos)
        case "resize":
            what = _a_face(people)
        case _:
            what = ""
    return what


def _a_face(people: Sequence[str]) -> str:
    return tr("a face of {name}", name=people[-1]) if people else tr("a face")


def _about_photos(entry: JournalEntry) -> str:
    details = entry.details
    if entry.kind == "date":
        date = details.get("date")
        when = tr("as in the file") if date is None else photo_dates.read_date(date).describe()
        return tr("{photos}: {date}", photos=_photos(details["photos"]), date=when)
    photos, folders = details["photos"], details["folders"]
    places = _photos(photos) if photos else ""
    if folders:
        others = tr_n(folders, "{n} folder", "{n} folders")
        places = tr("{one} and {other}", one=places, other=others) if photos else others
    if details["allowed"]:
        return tr("one person several times in {places}", places=places)
    return tr("one person once in {places}", places=places)


def _model(entry: JournalEntry) -> str:
    kinds = journal.MODEL_CHOICES | {journal.EMBED, journal.REMOVE_MODEL}
    return str(entry.details["model"]) if entry.kind in kinds else ""


def _recognized(details: Mapping[str, Any]) -> str:
    if "named" not in details:
        return ""
    return tr_n(details["named"], "{n} face automatically", "{n} faces automatically")


def _answered(entry: JournalEntry) -> str:
    """What an answer that decided nothing was about."""
    names = _people(entry)
    match entry.kind:
        case "not sure":
            if names:
                return tr("whether somebody is {name}", name=names[0])
            return tr("who somebody is")
        case "looked again":
            return _a_face(names[:1])
        case _:
            return ""
