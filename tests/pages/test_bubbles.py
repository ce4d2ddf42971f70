"""Messages as HTML: whatever anyone wrote stays text."""

from datetime import UTC, datetime
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from app.models import Author, Message
from app.pages.bubbles import render_live, render_thread
from app.wording import Wording

WORDING = Wording()
OURS = {"div", "span", "p", "time", "i"}
HOSTILE = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(
            [
                "<b>",
                "</div>",
                "<script>",
                "&lt;",
                "&#60;",
                '"',
                "'",
                "\n",
                "**",
                "`",
                "${1}",
                "{{value}}",
                "ก",
                "שלום",
                "‮",
            ]
        ),
        max_size=30,
    ).map("".join),
)


class Reader(HTMLParser):
    """Collects elements, attributes and the text inside bubbles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.lines: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "p":
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if self.lines and self.tags[-1] == "p":
            self.lines[-1] += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def write(text: str, author: Author, language: str = "th") -> Message:
    return Message(1, "c", author, text, language, datetime(2026, 11, 3, 8, 0, tzinfo=UTC))


@given(HOSTILE, st.sampled_from(list(Author)))
def test_no_text_of_anyone_becomes_an_element_or_an_attribute(text: str, author: Author) -> None:
    found = read(render_thread([write(text, author)], "ສະບາຍດີ", "lo", WORDING))
    assert set(found.tags) <= OURS
    assert found.attributes <= {"class", "dir", "lang", "datetime", "aria-hidden", "aria-label", "role"}


@given(st.text(st.characters(exclude_characters="\r\x00", exclude_categories=["Cs"]), max_size=200))
def test_a_customer_reads_back_every_character_that_she_wrote(text: str) -> None:
    found = read(render_thread([write(text, Author.CUSTOMER)], "", "ar", WORDING))
    kept = "\n".join(found.lines[1:])
    assert [line for line in kept.split("\n") if line] == [line for line in text.split("\n") if line]


@given(st.lists(HOSTILE, max_size=4))
def test_a_reply_in_progress_is_as_safe_as_a_stored_one(segments: list[str]) -> None:
    assert set(read(render_live(segments, "my", "my", WORDING)).tags) <= OURS


def test_a_language_of_a_message_that_nobody_knows_is_left_out() -> None:
    html = render_thread([write("x", Author.CUSTOMER, '"><img src=x>')], "", "vi", WORDING)
    assert "img" not in html
    assert html.count("lang=") == 1


def test_an_agent_is_named_apart_from_the_assistant_in_the_locale_of_the_page() -> None:
    thread = [write("hola", Author.AGENT), write("hola", Author.ASSISTANT)]
    html = render_thread(thread, "¡Hola!", "es", WORDING)
    assert html.count(WORDING.label("name_agent", "es")) == 1
    assert html.count(WORDING.label("name_assistant", "es")) == 2
