"""The screens as HTTP shows them: pages, their links, tables and forms, and every page that links lead to."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

from suite.client import Client, expect

VOID = {"submit", "button", "image", "reset"}
YES = {"true", "yes", "1", "on"}


@dataclass
class Input:
    """An input of a form: what it would send now, or None when it would send nothing."""

    name: str
    kind: str
    value: str | None
    options: tuple[str, ...] = ()
    ticked: str = "on"
    texts: tuple[str, ...] = ()  # what people read of each option

    @property
    def shown(self) -> str | None:
        """What people read: of a select the text of the option that is chosen."""
        if self.texts and self.value in self.options:
            return self.texts[self.options.index(self.value)] if self.value else ""
        return self.value

    def choose(self, text: str) -> None:
        """Type a text, or choose the option with this text."""
        known = dict(zip(self.texts, self.options, strict=True))
        self.value = known.get(text, text)


@dataclass
class Button:
    """A button that sends the form, with the address and the value that are its own, if any."""

    label: str
    name: str = ""
    value: str = ""
    action: str = ""

    def means(self, word: str) -> bool:
        """Whether it is the button for the word: by its address, its value, its name or its label."""
        places = (*urlsplit(self.action).path.split("/"), self.value, self.name.strip("_"))
        return word in places or self.label.casefold().rstrip(" *") == word.casefold()


@dataclass
class Form:
    """A form of a page."""

    page: str
    action: str
    method: str
    inputs: list[Input] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)

    def names(self) -> list[str]:
        """The inputs that people can fill in, in the order of the page."""
        shown = [each.name for each in self.inputs if each.kind not in ("hidden", *VOID)]
        return list(dict.fromkeys(shown))

    def fill(self, **values: str | bool) -> "Form":
        """Type values into inputs by their names; True and False tick a box, or choose yes or no."""
        for name, value in values.items():
            found = [each for each in self.inputs if each.name == name]
            expect(found, f"{self.page} has no input {name}, only {', '.join(self.names())}")
            for each in found:
                if isinstance(value, bool):
                    if each.kind == "checkbox":
                        each.value = each.ticked if value else None
                    elif each.options:
                        answers = [text for text in each.options if text]
                        each.value = next(x for x in answers if (x.casefold() in YES) is value)
                elif each.kind != "hidden":
                    each.choose(value)
        return self

    def tick(self, *values: object) -> "Form":
        """Tick the boxes with these values."""
        for each in self.inputs:
            if each.kind == "checkbox" and each.ticked in map(str, values):
                each.value = each.ticked
        return self

    def data(self, button: Button | None = None) -> list[tuple[str, str]]:
        """What is sent when the button is pressed (or Enter)."""
        sent = [(each.name, each.value) for each in self.inputs if each.value is not None]
        return [*sent, (button.name, button.value)] if button and button.name else sent

    def button(self, word: str) -> Button | None:
        """The button for the word (see `Button.means`)."""
        return next((each for each in self.buttons if each.means(word)), None)


class Page(HTMLParser):
    """An answer in HTML: what it links to and loads, its forms, and the cells of its tables."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.answer = answer
        self.url = str(answer.request.url)
        self.path = urlsplit(self.url).path
        self.text = answer.text
        self.links: list[str] = []
        self.loads: list[str] = []
        self.forms: list[Form] = []
        self.rows: list[list[str]] = []
        self._by_id: dict[str, Form] = {}
        self._form: Form | None = None
        self._cell: list[str] | None = None
        self._area: tuple[Input, list[str]] | None = None
        self._select: tuple[Input, list[tuple[str, bool]]] | None = None
        self._option: list[str] | None = None
        self._texts: list[str] = []
        self._button: tuple[Button, list[str]] | None = None
        self.kind = answer.headers.get("content-type", "").partition(";")[0]
        if self.kind == "text/html":
            self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        match tag:
            case "a" if has.get("href"):
                self.links.append(urljoin(self.url, has["href"]))
            case "script" | "img" if has.get("src"):
                self.loads.append(urljoin(self.url, has["src"]))
            case "link" if has.get("href"):
                self.loads.append(urljoin(self.url, has["href"]))
            case "form":
                action = urljoin(self.url, has.get("action", "")) if has.get("action") else self.url
                self._form = Form(self.path, action, has.get("method", "get").lower())
                self.forms.append(self._form)
                if has.get("id"):
                    self._by_id[has["id"]] = self._form
            case "input":
                self._input(has)
            case "textarea" if has.get("name"):
                self._area = (self._add(has, Input(has["name"], "textarea", "")), [])
            case "select" if has.get("name"):
                self._select = (self._add(has, Input(has["name"], "select", None)), [])
                self._texts = []
            case "option" if self._select is not None:
                self._select[1].append((has.get("value", "\0"), "selected" in has))
                self._option = []
            case "button" if has.get("type", "submit") == "submit":
                action = urljoin(self.url, has["formaction"]) if has.get("formaction") else ""
                shown = Button("", has.get("name", ""), has.get("value", ""), action)
                owner = self._owner(has)
                if owner is not None:
                    owner.buttons.append(shown)
                self._button = (shown, [])
            case "tr":
                self.rows.append([])
            case "td" | "th" if self.rows:
                self._cell = []

    def _owner(self, has: Mapping[str, str]) -> Form | None:
        return self._by_id.get(has["form"]) if has.get("form") else self._form

    def _add(self, has: Mapping[str, str], shown: Input) -> Input:
        owner = self._owner(has)
        if owner is not None and "disabled" not in has:
            owner.inputs.append(shown)
        return shown

    def _input(self, has: Mapping[str, str]) -> None:
        kind, value = has.get("type", "text"), has.get("value", "")
        if kind == "submit":
            owner = self._owner(has)
            action = urljoin(self.url, has["formaction"]) if has.get("formaction") else ""
            if owner is not None:
                owner.buttons.append(Button(value, has.get("name", ""), value, action))
        elif has.get("name"):
            if kind in ("checkbox", "radio"):
                ticked = has.get("value", "on")
                sent = ticked if "checked" in has else None
                self._add(has, Input(has["name"], kind, sent, ticked=ticked))
            elif kind not in VOID:
                self._add(has, Input(has["name"], kind, None if kind == "file" else value))

    def handle_data(self, data: str) -> None:
        for listener in (
            self._cell,
            self._area and self._area[1],
            self._option,
            self._button and self._button[1],
        ):
            if isinstance(listener, list):
                listener.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._area is not None:
            self._area[0].value = "".join(self._area[1]).removeprefix("\n")
            self._area = None
        elif tag == "option" and self._select is not None and self._option is not None:
            value, selected = self._select[1][-1]
            text = " ".join("".join(self._option).split())
            self._select[1][-1] = (text if value == "\0" else value, selected)
            self._texts.append(text)
            self._option = None
        elif tag == "select" and self._select is not None:
            shown, options = self._select
            chosen = [value for value, selected in options if selected]
            shown.options = tuple(value for value, _ in options)
            shown.texts = tuple(self._texts)
            shown.value = next(iter([*chosen, *shown.options]), None)
            self._select = None
        elif tag == "button" and self._button is not None:
            self._button[0].label = " ".join("".join(self._button[1]).split())
            self._button = None
        elif tag in ("td", "th") and self._cell is not None:
            self.rows[-1].append(" ".join("".join(self._cell).split()))
            self._cell = None

    def form_with(self, *names: str) -> Form | None:
        """The first form that has inputs of all these names."""
        for form in self.forms:
            if {each.name for each in form.inputs}.issuperset(names):
                return form
        return None

    def form_for(self, word: str) -> tuple[Form, Button] | None:
        """The form with a button for the word (see `Button.means`), and the button."""
        for form in self.forms:
            button = form.button(word)
            if button is not None and form.method == "post":
                return form, button
        return None

    def ticking(self, word: str) -> tuple[Form, Button] | None:
        """The form that does the word to ticked records, which is chosen in it, and the button to press."""
        for form in self.forms:
            if not any(each.kind == "checkbox" for each in form.inputs):
                continue
            if button := form.button(word):
                return form, button
            for each in form.inputs:
                if word in each.options and form.buttons:
                    each.value = word
                    return form, form.buttons[0]
        return None

    def commenting(self) -> Form | None:
        """The form that asks for a comment."""
        posted = [form for form in self.forms if form.method == "post"]
        return next((f for f in posted if any("comment" in name for name in f.names())), None)

    def asked(self) -> set[str]:
        """The names of everything that forms on this page would write."""
        return {n for form in self.forms if form.method == "post" for n in form.names()}

    def sign_in_form(self) -> Form | None:
        """The form that asks for a password and a name."""
        for form in self.forms:
            kinds = {each.kind for each in form.inputs}
            if "password" in kinds and kinds & {"text", "email"}:
                return form
        return None

    def credentials(self, username: str, password: str) -> Form:
        """The sign-in form, filled in."""
        form = self.sign_in_form()
        if form is None:
            raise AssertionError(f"{self.url} has no form that asks for a password")
        kinds = {each.kind: each.name for each in form.inputs if each.kind != "hidden"}
        return form.fill(**{kinds["text"]: username, kinds["password"]: password})

    def search_form(self) -> Form | None:
        """The form that searches the list on the page."""
        for form in self.forms:
            if form.method == "get" and {"text", "search"} & {each.kind for each in form.inputs}:
                return form
        return None


def show(client: Client, address: str, **params: str) -> Page:
    """The page at the address, redirects followed."""
    answer = client.http.get(address, params=params or None, follow_redirects=True)
    client.ledger.hear(f"GET {answer.request.url.path}", answer.status_code, None)
    return Page(answer)


def send(
    client: Client,
    form: Form,
    button: Button | None = None,
    files: Mapping[str, tuple[str, bytes]] | None = None,
) -> httpx.Response:
    """Send a form as a browser does, with files by their inputs' names; redirects are not followed."""
    address = (button.action if button else "") or form.action
    data = form.data(button)
    headers = {"Referer": urljoin(str(client.http.base_url), form.page)}
    if form.method == "get":
        return client.http.get(address, params=httpx.QueryParams(tuple(data)), headers=headers)
    headers["Origin"] = str(client.http.base_url).rstrip("/")
    sent: dict[str, list[str]] = {}
    for name, value in data:
        sent.setdefault(name, []).append(value)
    answer = client.http.post(address, data=sent, files=files, headers=headers)
    client.ledger.hear(f"POST {urlsplit(address).path}", answer.status_code, None)
    return answer


def pages_of(client: Client, address: str) -> Iterator[Page]:
    """The page and all further pages of its list, found by their links."""
    first = show(client, address)
    seen, waiting = {_number(first.url)}, [first]
    while waiting:
        page = waiting.pop(0)
        yield page
        for link in page.links:
            further = urlsplit(link).path == first.path and _kept(link) == _kept(first.url)
            if further and _number(link) not in seen:
                seen.add(_number(link))
                waiting.append(show(client, link))


def _number(address: str) -> int:
    """Which page of a list the address is; Django's admin counts from 1 as others do."""
    query = dict(parse_qsl(urlsplit(address).query))
    text = query.get("page") or query.get("p") or "1"
    return int(text) if text.isdecimal() else 1


def _kept(address: str) -> list[tuple[str, str]]:
    """What an address asks for besides the number of the page; empty parameters count as none."""
    pairs = parse_qsl(urlsplit(address).query)
    return sorted(pair for pair in pairs if pair[0] not in ("p", "page", "size"))


def crawl(
    client: Client, shape: Callable[[str], str], visits: Mapping[str, int]
) -> dict[str, Page]:
    """A page of every shape that links lead to from the first page on.

    `shape` tells which addresses are of one kind; `visits` how many pages of a kind are opened, where one is
    not enough since others lead further.
    """
    home = str(client.http.base_url)
    found: dict[str, Page] = {}
    opened: dict[str, set[str]] = {}
    waiting = ["/"]
    while waiting:
        address = waiting.pop(0)
        kind, path = shape(address), urlsplit(address).path
        seen = opened.setdefault(kind, set())
        if path in seen or len(seen) >= visits.get(kind, 1):
            continue
        seen.add(path)
        page = show(client, address)
        found.setdefault(kind, page)
        found.setdefault(shape(page.url), page)
        opened.setdefault(shape(page.url), set()).add(page.path)
        waiting += [link for link in page.links if urljoin(link, "/") == urljoin(home, "/")]
    return found


def numbers(text: str) -> list[str]:
    """The numbers in a text as they are written without separators of thousands."""
    return [each.replace(",", "").rstrip(".") for each in re.findall(r"-?\d[\d,]*\.?\d*", text)]
