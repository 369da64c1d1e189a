"""Three ways: whoever changed something since it was written last has a say."""

from photoclust.core.types import Box
from photoclust.media.xmp.merging import (
    Claim,
    Difference,
    Edit,
    Kind,
    Mark,
    Standing,
    Step,
    Wish,
    merge_regions,
)
from photoclust.media.xmp.merging_words import merge_words

HERE, AWAY = Box(0.1, 0.1, 0.2, 0.2), Box(0.6, 0.6, 0.2, 0.2)
MARK = Mark(Claim.OWN, HERE, "u1", "Anna")


def test_nothing_new_anywhere_changes_nothing():
    merged = merge_regions([MARK], [Wish(HERE, "Anna", "u1")], [Standing(HERE, "Anna")])
    assert merged.steps == ()
    assert merged.marks == (MARK,)
    assert merged.differences == ()


def test_a_box_that_was_rounded_to_pixels_is_no_change():
    rounded = Box(0.101, 0.0995, 0.2, 0.201)
    merged = merge_regions([MARK], [Wish(HERE, "Anna", "u1")], [Standing(rounded, "Anna")])
    assert merged.steps == merged.differences == ()


def test_a_box_that_was_moved_far_is_known_by_its_name():
    merged = merge_regions([MARK], [Wish(HERE, "Anna", "u1")], [Standing(AWAY, "Anna")])
    assert merged.steps == ()
    assert merged.differences == (Difference(Kind.CHANGED, "Anna", "Anna"),)


def test_what_is_gone_here_and_unchanged_there_goes():
    merged = merge_regions([MARK], [], [Standing(HERE, "Anna")])
    assert merged.steps == (Step(Edit.REMOVE, 0),)
    assert merged.marks == ()


def test_what_is_gone_here_and_changed_there_stays():
    merged = merge_regions([MARK], [], [Standing(HERE, "Anja")])
    assert merged.steps == ()
    assert merged.differences == (Difference(Kind.CONFLICT, None, "Anja"),)
    assert merged.marks == (MARK,)


def test_what_is_gone_on_both_sides_is_forgotten():
    merged = merge_regions([MARK], [], [])
    assert (merged.steps, merged.marks, merged.differences) == ((), (), ())


def test_two_faces_that_overlap_are_matched_one_to_one():
    near = Box(0.13, 0.1, 0.2, 0.2)
    marks = [MARK, Mark(Claim.OWN, near, "u2", "Berta")]
    merged = merge_regions(
        marks,
        [Wish(near, "Berta", "u2"), Wish(HERE, "Anna", "u1")],
        [Standing(near, "Berta"), Standing(HERE, "Anna")],
    )
    assert merged.steps == merged.differences == ()


def test_the_region_of_whom_is_not_spoken_is_nobody_elses():
    merged = merge_regions(
        [MARK], [Wish(HERE, "Berta", "u2")], [Standing(HERE, "Anna")], frozenset({"u2"})
    )
    assert merged.steps == (Step(Edit.ADD, wish=Wish(HERE, "Berta", "u2")),)
    assert merged.marks[0] == MARK


def test_words_of_others_are_never_ours():
    merged = merge_words([], ["Anna"], ["Anna", "sea"])
    assert (merged.add, merged.remove, merged.marks) == ((), frozenset(), ())


def test_words_that_no_longer_hold_go_save_those_not_spoken_of():
    merged = merge_words(["Anna", "Berta"], [], ["Anna", "Berta"], frozenset({"Anna"}))
    assert merged.remove == {"Anna"}
    assert merged.marks == ("Berta",)


def test_a_word_that_another_program_took_out_stays_out():
    merged = merge_words(["Anna"], ["Anna"], ["sea"])
    assert (merged.add, merged.marks) == ((), ("Anna",))
    assert merged.differences == (Difference(Kind.REMOVED, "Anna", None),)


def test_a_name_that_the_person_had_before_gives_way():
    wish = Wish(HERE, "Anna Meier", "u1", former=frozenset(("Anna Huber",)))
    named = Mark(Claim.NAMED, HERE, "u1", "Anna Meier")
    shared = Mark(Claim.SHARED, HERE, "u1", "Anna Huber")
    for marks, theirs in (([], "Anna Huber"), ([], "anna  huber"), ([shared], "Anna Huber")):
        merged = merge_regions(marks, [wish], [Standing(HERE, theirs)])
        assert (merged.steps, merged.marks) == ((Step(Edit.NAME, 0, wish),), (named,))
        assert merged.differences == merged.overruled == ()
    # What they changed back since is a word of theirs.
    own = Mark(Claim.OWN, HERE, "u1", "Anna Meier")
    merged = merge_regions([own], [wish], [Standing(HERE, "Anna Huber")])
    assert merged.steps == ()
    assert merged.differences == (Difference(Kind.CHANGED, "Anna Meier", "Anna Huber"),)


def test_words_that_people_were_called_before_give_way():
    merged = merge_words([], ["Anna"], ["anja", "Anna", "sea"], outdated=["Anja", "Anna"])
    assert (merged.add, merged.remove) == ((), {"anja"})


def ours(marks, wishes, standing):
    return merge_regions(marks, wishes, standing, ours=True)


ANNA = Wish(HERE, "Anna", "u1")


def test_what_another_program_changed_can_be_overruled():
    changed = Difference(Kind.CHANGED, "Anna", "Anja")
    merged = ours([MARK], [ANNA], [Standing(HERE, "Anja")])
    assert merged.steps == (Step(Edit.ALL, 0, ANNA),)
    assert (merged.marks, merged.differences, merged.overruled) == ((MARK,), (), (changed,))
    # Of a region that was theirs, only the name becomes ours.
    shared = Mark(Claim.SHARED, HERE, "u1", "Anna")
    merged = ours([shared], [ANNA], [Standing(HERE, "Anja")])
    assert merged.steps == (Step(Edit.NAME, 0, ANNA),)
    assert merged.marks == (Mark(Claim.NAMED, HERE, "u1", "Anna"),)
    merged = ours([], [ANNA], [Standing(HERE, "Anja")])
    assert merged.steps == (Step(Edit.NAME, 0, ANNA),)
    assert merged.overruled == (Difference(Kind.CONFLICT, "Anna", "Anja"),)


def test_what_another_program_took_out_can_be_written_again():
    merged = ours([MARK], [ANNA], [])
    assert merged.steps == (Step(Edit.ADD, wish=ANNA),)
    assert merged.overruled == (Difference(Kind.REMOVED, "Anna", None),)
    words = merge_words(["Anna"], ["Anna"], ["sea"], ours=True)
    assert (words.add, words.marks) == (("Anna",), ("Anna",))
    assert words.overruled == (Difference(Kind.REMOVED, "Anna", None),)


def test_no_name_is_overruled_by_none():
    nobody = Wish(HERE, "")
    merged = ours([], [nobody], [Standing(HERE, "Anja")])
    assert (merged.steps, merged.overruled) == ((), ())
    assert merged.differences == (Difference(Kind.CONFLICT, "", "Anja"),)
    merged = ours([MARK], [], [Standing(HERE, "Anja")])
    assert (merged.steps, merged.overruled) == ((), ())
