"""Documents of XML in which nothing that comes from a feed can break anything."""

import re
from urllib.parse import urlsplit

from lxml import etree

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write, not even as a reference."""


def clean(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return _FORBIDDEN.sub("", text)


def web_address(written: str) -> str:
    """An address of the web as it may stand in a link; empty for any other kind: it was read in a feed."""
    try:
        parts = urlsplit(clean(written).strip())
    except ValueError:
        return ""
    is_web = parts.scheme.lower() in {"http", "https"} and parts.hostname
    return parts.geturl() if is_web and not re.search(r"\s", parts.geturl()) else ""


class Element:
    """An element of one namespace, to be filled from its start to its end."""

    def __init__(self, namespace: str, name: str) -> None:
        self._element = etree.Element(f"{{{namespace}}}{name}", nsmap={None: namespace})
        self._namespace = namespace

    def add(self, name: str, text: str, **attributes: str) -> None:
        """A child with a text; without any it is left out."""
        if clean(text).strip():
            self.open(name, **attributes)._element.text = clean(text)  # noqa: SLF001  of this class

    def open(self, name: str, **attributes: str) -> "Element":
        """A child that is filled by itself."""
        child = Element(self._namespace, name)
        for key, value in attributes.items():
            child._element.set(key, clean(value))
        self._element.append(child._element)
        return child

    def bytes(self) -> bytes:
        """The document, as UTF-8 with its declaration."""
        etree.cleanup_namespaces(self._element)
        written: bytes = etree.tostring(self._element, xml_declaration=True, encoding="UTF-8", pretty_print=True)
        return written
