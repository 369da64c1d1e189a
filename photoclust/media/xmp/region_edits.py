"""One region in an XMP packet, changed in place."""

from functools import partial

from photoclust.media.xmp import forms, own
from photoclust.media.xmp.editing import Packet, Structure, structure
from photoclust.media.xmp.merging import Edit, Step
from photoclust.media.xmp.spans import Element, escaped, quoted


def change_mwg(packet: Packet, item: Element, step: Step) -> None:
    """Let a region of MWG be what `step` says; what others keep in it stays."""
    inside = structure(item)
    values = {} if step.wish is None else step.wish.own
    if step.edit in {Edit.ALL, Edit.NAME} and step.wish is not None:
        if step.wish.name:
            packet.set_text(inside, (forms.MWG, "Name"), "mwg-rs", step.wish.name)
        else:
            packet.remove_field(inside, (forms.MWG, "Name"))
    if step.edit is Edit.ALL and step.wish is not None:
        packet.set_structure(
            inside, (forms.MWG, "Area"), partial(forms.area, step.wish.box), forms.MWG_USES
        )
        face = forms.is_face(step.wish)
        if face != (inside.get((forms.MWG, "Type")) is not None):
            if face:
                packet.set_text(inside, (forms.MWG, "Type"), "mwg-rs", "Face")
            else:
                packet.remove_field(inside, (forms.MWG, "Type"))
    if step.edit is Edit.UNNAME:
        packet.remove_field(inside, (forms.MWG, "Name"))
    kept = _foreign_extensions(packet, inside.inner((forms.MWG, "Extensions")))
    if values or kept:
        packet.set_structure(
            inside,
            (forms.MWG, "Extensions"),
            partial(forms.extensions, values, kept),
            forms.MWG_USES,
        )
    else:
        packet.remove_field(inside, (forms.MWG, "Extensions"))


def change_mp(packet: Packet, item: Element, step: Step) -> None:
    """The same of a people tag of Microsoft."""
    inside, name = structure(item), (forms.MP_REGION, "PersonDisplayName")
    if step.edit in {Edit.ALL, Edit.NAME} and step.wish is not None:
        packet.set_text(inside, name, "MPReg", step.wish.name)
    if step.edit is Edit.ALL and step.wish is not None:
        packet.set_text(
            inside, (forms.MP_REGION, "Rectangle"), "MPReg", forms.rectangle(step.wish.box)
        )
    if step.edit is Edit.UNNAME:
        packet.remove_field(inside, name)


def _foreign_extensions(packet: Packet, extensions: Structure | None) -> str:
    """What others keep in the extensions of a region, as it is written."""
    if extensions is None:
        return ""
    kept = [
        packet.raw(child) for child in extensions.holder.children if child.name[0] != own.NAMESPACE
    ]
    for number, (name, value) in enumerate(extensions.holder.attributes.items()):
        if name[0] not in {"", own.NAMESPACE} and not name[0].endswith("rdf-syntax-ns#"):
            tag = f"e{number}:{name[1]}"
            declaration = f" xmlns:e{number}={quoted(name[0])}"
            kept.append(f"<{tag}{declaration}>{escaped(value)}</{tag}>")
    return "".join(kept)
