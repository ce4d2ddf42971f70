"""Messages as HTML. Everything that anyone wrote goes through ``escape``; nothing is read as markup or Markdown.

Owns what a message looks like. Leaves what may be seen to ``visits`` and colours to ``chat.css``.
"""

import re
from collections.abc import Sequence
from html import escape

from app.language import registry
from app.models import Author, Message
from app.wording import Wording

_BLANK_LINES = re.compile(r"\n{3,}")


def render_thread(messages: Sequence[Message], greeting: str, locale: str, wording: Wording) -> str:
    """The greeting and all messages, oldest first."""
    parts = [_bubble("assistant", wording.label("name_assistant", locale), greeting, locale)]
    parts += [_message(message, locale, wording) for message in messages]
    name = escape(wording.label("title", locale))
    return f'<div role="log" aria-label="{name}">{"".join(parts)}</div>'


def render_live(segments: Sequence[str], language: str, locale: str, wording: Wording) -> str:
    """The reply that is being written: its verified segments so far, else that somebody is writing."""
    name = wording.label("name_assistant", locale)
    text = "".join(segments).strip()
    if text:
        return _bubble("assistant live", name, text, language)
    writing = escape(wording.label("typing", locale))
    dots = '<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>'
    return (
        '<div class="message assistant live"><div class="body"><div class="bubble waiting" role="status">'
        f'{dots}<span class="unseen">{writing}</span></div></div></div>'
    )


def _message(message: Message, locale: str, wording: Wording) -> str:
    names = {Author.CUSTOMER: "name_you", Author.AGENT: "name_agent", Author.ASSISTANT: "name_assistant"}
    if message.author not in names:
        return f'<div class="message system"><p dir="auto">{escape(message.text)}</p></div>'
    name = wording.label(names[message.author], locale)
    at = message.created_at.isoformat(timespec="seconds")
    return _bubble(message.author.value, name, message.text, message.language, at)


def _bubble(kind: str, name: str, text: str, language: str, at: str = "") -> str:
    """One bubble. Each line finds its own direction, so that mixed conversations read right."""
    known = registry.find(language)
    lang = f' lang="{known.code}"' if known else ""
    lines = "".join(f'<p dir="auto">{escape(line)}</p>' for line in _BLANK_LINES.sub("\n\n", text).split("\n"))
    time = f'<time datetime="{escape(at)}"></time>' if at else ""
    return (
        f'<div class="message {kind}"><div class="body"><div class="who"><span>{escape(name)}</span>{time}</div>'
        f'<div class="bubble"{lang}>{lines}</div></div></div>'
    )
