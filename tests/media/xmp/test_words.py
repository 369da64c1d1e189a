import pytest

from photoclust.core.regions import TaggedName
from photoclust.media.xmp.documents import parse
from photoclust.media.xmp.words import read_words

SPACES = (
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:lr="http://ns.adobe.com/lightroom/1.0/" '
    'xmlns:digiKam="http://www.digikam.org/ns/1.0/" '
    'xmlns:MicrosoftPhoto="http://ns.microsoft.com/photo/1.0/" '
    'xmlns:mwg-kw="http://www.metadataworkinggroup.com/schemas/keywords/" '
    'xmlns:pc="https://photoclust.org/ns/faces/1.0/" '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
)


def bag(tag, *words, kind="Bag"):
    listed = "".join(f"<rdf:li>{word}</rdf:li>" for word in words)
    return f"<{tag}><rdf:{kind}>{listed}</rdf:{kind}></{tag}>"


def read(*properties):
    inner = "".join(properties)
    document = (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {SPACES}><rdf:Description rdf:about="">'
        f"{inner}</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    return read_words(parse(document.encode()))


def test_people_in_the_image_are_sure_and_plain_keywords_are_not():
    found = read(
        bag("Iptc4xmpExt:PersonInImage", "Anna", "Bert"), bag("dc:subject", "Anna", "sea", "Caro")
    )
    assert found == (
        TaggedName("Anna", sure=True),
        TaggedName("Bert", sure=True),
        TaggedName("sea", sure=False),
        TaggedName("Caro", sure=False),
    )


@pytest.mark.parametrize(
    "words",
    [
        bag("lr:hierarchicalSubject", "People|Anna", "places|sea"),
        bag("lr:hierarchicalSubject", "People", "personen| Anna ", "Familie|Weihnachten"),
        bag("digiKam:TagsList", "Personnes/Anna", "People", "sea", kind="Seq"),
        bag("MicrosoftPhoto:LastKeywordXMP", "People/Anna"),
    ],
)
def test_keywords_below_people_are_names(words):
    assert read(words) == (TaggedName("Anna", sure=True),)


def test_only_the_last_of_several_keywords_below_people_is_a_name():
    found = read(bag("lr:hierarchicalSubject", "People", "People|Family", "People|Family|Anna"))
    assert found == (TaggedName("Anna", sure=True, groups=("Family",)),)


def node(word, *children, applied=None):
    said = "" if applied is None else f"<mwg-kw:Applied>{applied}</mwg-kw:Applied>"
    below = bag("mwg-kw:Children").replace("</rdf:Bag>", "".join(children) + "</rdf:Bag>")
    return (
        f'<rdf:li rdf:parseType="Resource"><mwg-kw:Keyword>{word}</mwg-kw:Keyword>{said}'
        f"{below if children else ''}</rdf:li>"
    )


def test_hierarchies_of_the_working_group_are_walked():
    people = node(
        "People", node("Family", node("Anna", applied="True"), node("Bert", applied="False"))
    )
    found = read(
        '<mwg-kw:Keywords rdf:parseType="Resource"><mwg-kw:Hierarchy><rdf:Bag>'
        f"{people}{node('sea')}</rdf:Bag></mwg-kw:Hierarchy></mwg-kw:Keywords>"
    )
    assert found == (TaggedName("Anna", sure=True, groups=("Family",)),)


def test_nobody_is_called_as_programs_call_whom_they_do_not_know():
    found = read(
        bag("digiKam:TagsList", "People/Unknown", "People/Ignored/Anna", kind="Seq"),
        bag("Iptc4xmpExt:PersonInImage", "Unbekannt"),
    )
    assert found == ()


def test_what_photoclust_wrote_itself_is_no_news():
    found = read(
        bag("Iptc4xmpExt:PersonInImage", "Anna", "Bert"),
        bag("pc:WrittenPeople", "Anna"),
        bag("dc:subject", "Anna", "Bert"),
        bag("pc:WrittenKeywords", "Bert"),
        bag("lr:hierarchicalSubject", "People|Caro", "People|Doro"),
        bag("pc:WrittenHierarchy", "People|Caro"),
    )
    assert [each.name for each in found if each.sure] == ["Bert", "Doro"]
    assert [each.name for each in found if not each.sure] == ["Anna"]
