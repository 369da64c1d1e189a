"""The page of a training report: HTML that needs nothing from elsewhere and runs no script.

Plain words first: the verdict and what it rests on. Figures with their intervals follow, for those
who ask. All text that comes from outside is escaped.
"""

from collections.abc import Callable, Iterable, Sequence
from html import escape

from photoclust.training.changes import Changed
from photoclust.training.comparison import Change, Comparison, Interval
from photoclust.training.gate import Verdict

STYLE = """
:root { color-scheme: light dark; --back: #fafbfe; --card: #ffffff; --text: #1b1e33;
  --muted: #5a6180; --border: #d9deec; --good: #0a6b4d; --bad: #a4470a; }
@media (prefers-color-scheme: dark) { :root { --back: #16181f; --card: #232733; --text: #eceef7;
  --muted: #a3aac2; --border: #414960; --good: #4fd1a5; --bad: #ffb37a; } }
body { margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 62rem; background: var(--back);
  color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 1.7rem; } h2 { margin-top: 2.6rem; font-size: 1.3rem; } h3 { font-size: 1.05rem; }
section.card, figure { margin: 1rem 0; padding: 1rem 1.2rem; background: var(--card);
  border: 1px solid var(--border); border-radius: 10px; }
section.good { border-left: 6px solid var(--good); }
section.bad { border-left: 6px solid var(--bad); }
.verdict { font-size: 1.25rem; font-weight: 600; } .good .verdict { color: var(--good); }
.bad .verdict { color: var(--bad); }
.note, figcaption { color: var(--muted); font-size: .9rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .7rem; border-bottom: 1px solid var(--border); text-align: right; }
th:first-child, td:first-child { text-align: left; }
.plots { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(24rem, 1fr)); }
figure { margin: 0; } figure img { display: block; width: 100%; height: auto; border-radius: 6px; }
.pairs { display: flex; flex-wrap: wrap; gap: 1rem; }
.pair img { width: 96px; height: 96px; object-fit: cover; border-radius: 6px; }
.pair { max-width: 12.5rem; font-size: .85rem; overflow-wrap: anywhere; }
dt { font-weight: 600; } dd { margin: 0 0 .7rem; color: var(--muted); }
"""

WORDS = {
    "VAL": "Of all pairs of photos of one person, the share that is recognised as one person: the"
    " higher, the better.",
    "FAR": "Of all pairs of photos of different people, the share that is wrongly taken for one"
    " person. VAL is always told at a FAR, for it is easy to recognise everybody by mixing up all.",
    "EER": "The error rate where both kinds of error are equally frequent: the lower, the better.",
    "Accuracy": "The share of pairs told right, pairs of one person and of two counting half each,"
    " at the threshold that suits these very pairs best.",
    "BCubed F": "How well grouping the faces finds the people: 100 % where every group is one"
    " person and every person one group.",
    "95 % interval": "With other people in this set the figure would be another one; in 95 of 100"
    " random draws of these people it lies in this range.",
    "Squared distance": "How far apart two faces are for the model, from 0, the same, to 4.",
}


def page(title: str, verdict: Verdict, parts: Iterable[str]) -> str:
    """The whole page: the verdict, then `parts`, which are HTML, then what the words mean."""
    kind, told = ("good", "Accepted") if verdict.accepted else ("bad", "Not accepted")
    words = "".join(
        f"<dt>{escape(word)}</dt><dd>{escape(means)}</dd>" for word, means in WORDS.items()
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<h1>{escape(title)}</h1>
<section class="card {kind}">
<p class="verdict">{told}</p>
<p>{escape(verdict.reason)}</p>
</section>
{"".join(parts)}
<h2>What the words mean</h2>
<dl>{words}</dl>
</body>
</html>
"""


def section(heading: str, *parts: str) -> str:
    """A part of the page under a heading."""
    return f"<h2>{escape(heading)}</h2>\n{''.join(parts)}\n"


def paragraph(text: str) -> str:
    """A paragraph of plain text."""
    return f"<p>{escape(text)}</p>\n"


def plot(name: str, words: str) -> str:
    """A plot that lies beside the page, as `name`-light.png and `name`-dark.png."""
    stem, told = escape(name), escape(words)
    return (
        f'<figure><picture><source srcset="{stem}-dark.png"'
        f' media="(prefers-color-scheme: dark)"><img src="{stem}-light.png" alt="{told}">'
        f"</picture><figcaption>{told}</figcaption></figure>\n"
    )


def plots(*each: str) -> str:
    """Plots side by side where there is room."""
    return f'<div class="plots">{"".join(each)}</div>\n'


def summary(compared: Sequence[tuple[str, Comparison]]) -> str:
    """One line a set: pairs of one person recognised before and after."""
    rows = [
        (
            name,
            f"{one.before.people:,}",
            f"{one.before.faces:,}",
            percent(one.changes[0].before.value),
            percent(one.changes[0].after.value),
            points(one.changes[0].change.value),
        )
        for name, one in compared
    ]
    head = ("", "people", "faces", "recognised before", "after", "change (points)")
    return table(head, rows)


def figures_table(one: Comparison) -> str:
    """All figures of a set, with intervals where there are some."""
    rows = [row for change in one.changes for row in _change_rows(change)]
    for name, before, after in (
        ("EER", one.before.eer, one.after.eer),
        ("Accuracy", one.before.accuracy, one.after.accuracy),
        ("BCubed F", one.before.bcubed_f, one.after.bcubed_f),
    ):
        if before is not None and after is not None:
            rows.append((name, percent(before), percent(after), points(after - before)))
    rows.append(("Draws with a gain", "", "", percent(one.gain, 1)))
    return table(("", "before", "after", "change (points)"), rows)


def examples(changed: Changed, names: Sequence[str], image: str) -> str:
    """Pairs of one kind; `names` by row, and `image` with a place `{row}` the file of a face."""
    pairs = "".join(
        '<div class="pair">'
        + "".join(
            f'<img src="{escape(image.format(row=row))}" alt="{escape(names[row])}">'
            for row in (pair.one, pair.other)
        )
        + f"<div>{escape(_title(names[pair.one], names[pair.other]))}</div>"
        f'<div class="note">distance {pair.before:.2f} → {pair.after:.2f}</div></div>'
        for pair in changed.largest
    )
    count = f"{changed.count:,}"
    heading = escape(f"{changed.kind.value[0].upper()}{changed.kind.value[1:]} ({count})")
    return f'<h3>{heading}</h3><div class="pairs">{pairs or "<p>None.</p>"}</div>\n'


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of plain text."""
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n" for row in rows
    )
    return (
        '<section class="card wide"><table><thead><tr>'
        f"{top}</tr></thead><tbody>\n{body}</tbody></table></section>\n"
    )


def percent(share: float, digits: int = 2) -> str:
    """A share of 1 in percent."""
    return f"{100 * share:.{digits}f} %"


def points(change: float) -> str:
    """A change of a share, in percentage points with its sign."""
    text = f"{100 * change:+.2f}"
    return "±0.00" if float(text) == 0 else text.replace("-", "−")


def _change_rows(change: Change) -> list[tuple[str, str, str, str]]:
    name = f"VAL at FAR {percent(change.far, 2 if change.far < 1e-3 else 1)}"
    return [
        (
            name,
            percent(change.before.value),
            percent(change.after.value),
            points(change.change.value),
        ),
        (
            "\u2003 95 % interval",
            _range(change.before, percent),
            _range(change.after, percent),
            _range(change.change, points),
        ),
        ("\u2003 mean over the draws", "", "", points(change.mean)),
    ]


def _range(interval: Interval, written: Callable[[float], str]) -> str:
    return f"{written(interval.low)} to {written(interval.high)}"


def _title(one: str, other: str) -> str:
    return one if one == other else f"{one} and {other}"
