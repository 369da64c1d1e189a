"""The catalogues hold what the code says, whole, and nothing that would not fit into it."""

import ast
import importlib.util
import re
import string

import pytest

SPEAKS = {"tr", "tr_in", "tr_n"}
TAGS = re.compile(r"</?[a-z]+[^>]*>")


@pytest.fixture(scope="module")
def translations(repository):
    path = repository / "packaging" / "translations.py"
    spec = importlib.util.spec_from_file_location("translations", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def sources(repository):
    files = sorted((repository / "photoclust").rglob("*.py"))
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in files]


def said(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in SPEAKS | {"marked"}:
            yield node


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_the_template_is_what_the_code_says(translations):
    assert translations.TEMPLATE.read_bytes() == translations.text_of(translations.gathered()), (
        "run `python packaging/translations.py update`"
    )


def test_each_language_is_complete_and_up_to_date(translations):
    assert translations.catalogues()
    for path in translations.catalogues():
        catalogue = translations.read(path)
        assert path.read_bytes() == translations.text_of(translations.updated(path)), path
        left = [message.id for message in translations.untranslated(catalogue)]
        assert not left, f"{path} lacks {left}"
        compiled = translations.read_compiled(path.with_suffix(".mo"))
        assert translations.contents(compiled) == translations.contents(catalogue), path


def test_a_translation_has_the_fields_keys_and_marks_of_its_message(translations):
    for path in translations.catalogues():
        for message in translations.read(path):
            if not message.id:
                continue
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            forms = message.string if isinstance(message.string, tuple) else (message.string,)
            wanted = fields(ids[-1])
            for form in forms:
                # The form for one may do without the number.
                missing = wanted - fields(form) - ({"n"} if len(forms) > 1 else set())
                assert not missing, (ids, form)
                assert fields(form) <= wanted, (ids, form)
                assert ids[-1].endswith("…") == form.endswith("…"), (ids, form)
                assert sorted(TAGS.findall(form)) == sorted(TAGS.findall(ids[-1])), (ids, form)
                assert len(form) - len(form.strip()) == len(ids[-1]) - len(ids[-1].strip()), form


def test_nothing_is_translated_while_modules_are_imported(sources):
    def at_import(node):
        """The calls that run while a module is imported: what is in no function."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                for late in (*child.decorator_list, *child.args.defaults, *child.args.kw_defaults):
                    if late is not None:
                        yield from said(late)
            elif not isinstance(child, ast.Lambda):
                if isinstance(child, ast.Call):
                    yield from (call for call in said(child) if call is child)
                yield from at_import(child)

    early = [
        f"{path}:{call.lineno}"
        for path, tree in sources
        for call in at_import(tree)
        if call.func.id in SPEAKS
    ]
    assert not early, f"use marked() there, and tr() where it is shown: {early}"


def test_nothing_is_said_inside_of_a_formatted_string(sources):
    """There the catalogues do not find it with the oldest Python that is supported."""
    hidden = [
        f"{path}:{call.lineno}"
        for path, tree in sources
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for call in said(node)
        if isinstance(call.args[0], ast.Constant)
    ]
    assert not hidden, f"name it first: {hidden}"


def test_messages_are_written_out_where_they_are_said(sources):
    """What is put together first would not be found in any catalogue."""
    for path, tree in sources:
        if path.name == "language.py":
            continue
        for call in said(tree):
            first = 1 if call.func.id == "tr_n" else 0
            last = {"tr_n": 3, "tr_in": 2}.get(call.func.id, 1)
            for part in call.args[first:last]:
                assert not isinstance(part, ast.JoinedStr | ast.BinOp), f"{path}:{call.lineno}"
