"""Pages as complete HTML documents: no script, no request to anywhere, style inside."""

from collections.abc import Mapping

from service.domain.news.article import TITLE_BREAK
from service.operations.highlight import names_in
from service.operations.preview import Preview
from service.web.marking import Marking
from service.web.rendering import environment


def explain_page(shown: Preview, versions: Mapping[str, str]) -> str:
    """What one article says: its label, its events as a table, and its text with sentences and words marked.

    Everything that comes from the article is escaped; signs that would forbid or disturb the page are shown as U+FFFD.
    """
    article = shown.article
    text_at = len(article.title) + len(TITLE_BREAK) if article.title else 0
    marking = Marking(article.document, shown.coded.events, names_in(shown.coded.answer))
    return _ENVIRONMENT.get_template("explain.html").render(
        article=article,
        label=shown.label,
        lead=shown.lead_signal,
        ignored=shown.coded.ignored,
        marking=marking,
        title=marking.between(0, len(article.title)),
        text=marking.between(text_at, len(article.document)),
        versions=versions,
    )


_ENVIRONMENT = environment()
