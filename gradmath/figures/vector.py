"""A drawn figure -> one `<svg>` element for an HTML page."""

from __future__ import annotations

import io
import re
import warnings
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

from gradmath.errors import DeclarationError
from gradmath.figures.palette import replacements

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_NUMBER = re.compile(r"-?\d*\.\d+(?:e-?\d+)?")
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b")
_REFERENCE = re.compile(r"#([A-Za-z_][\w.-]*)")
_INDEX = re.compile(r"(?<=\w)_([A-Za-z])(?![A-Za-z_])")  # σ_w², where Unicode has no small letter
_URL = re.compile(r"url\(#([A-Za-z_][\w.-]*)\)")
_GEOMETRY = ("d", "points", "transform", "x", "y", "x1", "x2", "y1", "y2", "width", "height")
# Declarations that repeat what is inherited or is the initial value anyway.
_IDLE = {("stroke-linejoin", "miter"), ("stroke-opacity", "1"), ("fill-opacity", "1")}
# Presentation that children take from their group.
_INHERITED = frozenset(
    "fill fill-opacity stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin"
    " stroke-dasharray stroke-dashoffset font-size text-anchor".split()
)
_ROOT_STYLE = "stroke-linejoin: round; stroke-linecap: butt"


def inline(
    canvas: Figure, id: str, language: str, title: str, description: str, *, outlined: bool = False
) -> str:
    """The canvas as inline SVG with a title and a description, in the page's colours and font.

    No size, date, metadata, global style rule or host font is left in it; ids that are referred to
    are named after the figure, the others are dropped, so figures may share a page.  A colour that
    is no role of the palette raises DeclarationError, since it would not follow the page.
    """
    root = ET.fromstring(_drawn(canvas, f"{id} {language}", outlined))
    _drop_metadata(root)
    for element in root.iter():
        _colour(element, id)
        _round(element)
    _rename_ids(root, f"gm-{id}")
    _hoist(root)
    _unwrap(root)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    prefix = f"gm-{id}"
    names = {
        "role": "img",
        "aria-labelledby": f"{prefix}-title {prefix}-desc",
        "lang": LANG[language],
    }
    root.attrib.update(names)
    root.attrib["style"] = _ROOT_STYLE
    for position, (tag, words) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(f"{{{_SVG}}}{tag}", {"id": f"{prefix}-{tag}"})
        element.text = words
        root.insert(position, element)
    return _written(root)


LANG = {"en": "en", "zh": "zh-Hans"}


def _drawn(canvas: Figure, salt: str, outlined: bool) -> str:
    import matplotlib

    buffer = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    settings: Any = {"svg.hashsalt": salt, "svg.fonttype": "path" if outlined else "none"}
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        # Chinese text is set by the reader's browser, so matplotlib's own font need not have it;
        # an outline of a missing glyph, though, would be an empty box on the page.
        missing = r"Glyph .* missing from font"
        if outlined:
            warnings.filterwarnings("error", message=missing)
        else:
            warnings.filterwarnings("ignore", message=missing)
        canvas.savefig(buffer, format="svg", metadata=nothing)
    return buffer.getvalue()


def _drop_metadata(root: ET.Element) -> None:
    """Metadata, and the rule `* { ... }` by which matplotlib would restyle the whole page."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{_SVG}}}metadata", f"{{{_SVG}}}style"):
                parent.remove(child)


def _colour(element: ET.Element, id: str) -> None:
    table = replacements()

    def replaced(match: re.Match[str]) -> str:
        colour = match[0].lower()
        if colour not in table:
            raise DeclarationError(
                f"figure {id!r}", got=f"the colour {colour}", allowed="colours of figures.palette"
            )
        return table[colour]

    for name in ("fill", "stroke"):  # var() is understood in style, not in these attributes
        value = element.attrib.pop(name, None)
        if value is not None:
            element.attrib["style"] = f"{element.get('style', '')}; {name}: {value}".lstrip("; ")
    if "style" not in element.attrib:
        return
    kept: dict[str, str] = {}
    for name, value in _declarations(element):
        if name == "font-family" or (name, value) in _IDLE:
            continue
        if name == "font":  # the page's own font, at the size drawn
            size = re.search(r"[\d.]+px", value)
            name, value = "font-size", size[0] if size else "inherit"
        kept[name] = value if value.startswith("url(") else _COLOUR.sub(replaced, value)
    if kept:
        element.attrib["style"] = _joined(kept)
    else:
        del element.attrib["style"]


def _round(element: ET.Element) -> None:
    for name in _GEOMETRY:
        if name in element.attrib:
            element.attrib[name] = " ".join(_NUMBER.sub(_short, element.attrib[name]).split())


def _short(match: re.Match[str]) -> str:
    text = f"{float(match[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _rename_ids(root: ET.Element, prefix: str) -> None:
    used: dict[str, str] = {}

    def renamed(match: re.Match[str]) -> str:
        return "#" + used.setdefault(match[1], f"{prefix}-{len(used)}")

    def renamed_url(match: re.Match[str]) -> str:
        return f"url({renamed(match)})"

    for element in root.iter():
        if _XLINK in element.attrib:
            element.attrib["href"] = _REFERENCE.sub(renamed, element.attrib.pop(_XLINK))
        for name, value in element.attrib.items():
            element.attrib[name] = _URL.sub(renamed_url, value)
    for element in root.iter():
        if "id" in element.attrib:
            old = element.attrib.pop("id")
            if old in used:
                element.attrib["id"] = used[old]


def _unwrap(parent: ET.Element) -> None:
    """Replace groups that carry no attribute by what they hold, and drop empty ones."""
    children: list[ET.Element] = []
    for child in parent:
        _unwrap(child)
        if child.tag == f"{{{_SVG}}}g" and not child.attrib:
            children.extend(child)
        elif child.tag not in (f"{{{_SVG}}}g", f"{{{_SVG}}}defs") or len(child):
            children.append(child)
    parent[:] = children


def _hoist(parent: ET.Element) -> None:
    """Move what all children of a group share up to the group: hundreds of facets share much."""
    for child in parent:
        _hoist(child)
    if parent.tag != f"{{{_SVG}}}g" or len(parent) < 2:
        return
    styles = [dict(_declarations(child)) for child in parent]
    own = dict(_declarations(parent))
    shared = {
        name: value
        for name, value in styles[0].items()
        if name in _INHERITED and name not in own and all(s.get(name) == value for s in styles)
    }
    clips = {child.get("clip-path") for child in parent}
    if len(clips) == 1 and None not in clips and "clip-path" not in parent.attrib:
        parent.attrib["clip-path"] = parent[0].attrib["clip-path"]
        for child in parent:
            del child.attrib["clip-path"]
    if not shared:
        return
    parent.attrib["style"] = _joined(own | shared)
    for child, style in zip(parent, styles, strict=True):
        rest = {name: value for name, value in style.items() if name not in shared}
        child.attrib.pop("style", None)
        if rest:
            child.attrib["style"] = _joined(rest)


def _lower(root: ET.Element) -> None:
    """Set the index of σ_w below the line, in every piece of text."""
    for element in list(root.iter("text")):
        element.text, *rest = _INDEX.split(element.text or "")
        for index, after in zip(rest[::2], rest[1::2], strict=True):
            ET.SubElement(element, "tspan", {"dy": "3", "font-size": "11"}).text = index
            ET.SubElement(element, "tspan", {"dy": "-3"}).text = after


def _declarations(element: ET.Element) -> list[tuple[str, str]]:
    pairs = (part.partition(":") for part in element.get("style", "").split(";"))
    return [(name.strip(), value.strip()) for name, _, value in pairs if name.strip()]


def _joined(declarations: dict[str, str]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in declarations.items())


def _written(root: ET.Element) -> str:
    for element in root.iter():
        element.tag = element.tag.replace(f"{{{_SVG}}}", "")
        element.tail = None
        if element.text is not None and not element.text.strip():
            element.text = None
    _lower(root)
    root.attrib = {"xmlns": _SVG} | dict(root.attrib)
    return ET.tostring(root, encoding="unicode", short_empty_elements=True)
