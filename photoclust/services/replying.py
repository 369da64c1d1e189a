"""Answers to the questions of `questions`: each is one act that can be undone by its entry."""

from dataclasses import dataclass

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.types import ClusterId, EntryId, LibraryChanges, PersonId
from photoclust.services import deciding, reviewing
from photoclust.services.keys import parse_key, require
from photoclust.services.questions import FaceQuestion, Kind, PairQuestion, Reply, Side
from photoclust.store import answers
from photoclust.store import people as people_store
from photoclust.store.answers import Noted
from photoclust.store.database import Library, Transaction
from photoclust.store.journal import Act


@dataclass(frozen=True, slots=True)
class Replied:
    """What an answer touched, and its entry in the journal; None where nothing was new."""

    entry: EntryId | None
    changes: LibraryChanges


def reply(library: Library, question: FaceQuestion | PairQuestion, said: Reply) -> Replied:
    """Write down an answer. Raises UserError where what was asked about is not there any more, or
    the question has no such answer.
    """
    if isinstance(question, PairQuestion):
        return _of_pair(library, question, said)
    if said is Reply.NOT_A_FACE:
        return _not_a_face(library, question)
    if said is Reply.NOT_SURE:
        who = None if question.candidate is None else f"p{question.candidate.person}"
        return _replied(reviewing.say_not_sure(library, question.key, who))
    chosen = question.runner_up if said is Reply.OTHER else question.candidate
    if chosen is None:
        raise UserError(tr("nobody is named by the answer {said}; say who it is", said=said))
    if said is Reply.NO:
        return _replied(reviewing.say_no(library, question.key, f"p{chosen.person}"))
    if said is Reply.YES and question.kind is Kind.DOUBT:
        return _looked_again(library, question, chosen.person)
    return _replied(reviewing.say_yes(library, question.key, f"p{chosen.person}"))


def _replied(answer: reviewing.Answer) -> Replied:
    return Replied(answer.entry, answer.changes)


def _not_a_face(library: Library, question: FaceQuestion) -> Replied:
    with library.write() as tx:
        act = Act(tx, "not a face")
        people_store.exclude(act, reviewing.faces_of(tx, question.key), True)
        changes = act.finish()
        return Replied(act.entry, changes)


def _looked_again(library: Library, question: FaceQuestion, person: PersonId) -> Replied:
    with library.write() as tx:
        (face,) = reviewing.faces_of(tx, question.key)
        require(tx, f"p{person}", "p")
        name = people_store.person_name(tx, person) or ""
        entry = answers.note(tx, Noted.SURE, face, person, {person: name})
        return Replied(entry, LibraryChanges())


def _of_pair(library: Library, question: PairQuestion, said: Reply) -> Replied:
    one, other = question.one, question.other
    if said is Reply.YES:
        # Who has a name is joined, else the smaller to the larger.
        source, target = sorted((one, other), key=lambda each: (each.key[0] == "p", each.count))
        done = deciding.merge(library, source.key, target.key)
        return Replied(done.entry, done.changes)
    if said not in {Reply.NO, Reply.NOT_SURE}:
        raise UserError(tr("whether two groups are one person has no answer {said}", said=said))
    with library.write() as tx:
        for each in (one, other):
            require(tx, each.key, "pg")
        group, person = sorted((one, other), key=lambda each: each.key)
        if said is Reply.NO and person.key.startswith("p") and group.key.startswith("g"):
            return _rejected(tx, group, person)
        what = Noted.TWO_PEOPLE if said is Reply.NO else Noted.NOT_SURE_ONE
        people = {
            parse_key(each.key)[1]: each.name or "" for each in (one, other) if each.key[0] == "p"
        }
        entry = answers.note(tx, what, one.faces[0].id, other.faces[0].id, people)
        return Replied(entry, LibraryChanges())


def _rejected(tx: Transaction, group: Side, person: Side) -> Replied:
    who = PersonId(parse_key(person.key)[1])
    faces = people_store.faces_of_cluster(tx, ClusterId(parse_key(group.key)[1]))
    act = Act(tx, "reject", {"target": group.key})
    people_store.reject(act, faces, who)
    act.note_person(who, people_store.person_name(tx, who) or "")
    changes = act.finish()
    return Replied(act.entry, changes)
