"""The people and services at a running spike, as the tests use them: signed in, of every kind."""

import secrets
from dataclasses import replace
from typing import Any

import httpx

from suite import values as v
from suite.client import Client, accepted
from suite.ledger import Ledger
from suite.parts import ADMIN, HOME_DEPARTMENT, Actor
from suite.workflow import Workflow

SPARE_PEOPLE = 16  # about as many as the tests of a workflow ask for
PASSWORD = "correct-horse-battery"  # noqa: S105 - of people who live as long as the test run


class People:
    """Whoever can sign in to one spike.

    `present` is the same spike now, where this one lives in the past: people sign in there, since a session of
    long ago has ended by now.
    """

    def __init__(
        self, flow: Workflow, url: str, password: str, present: "People | None" = None
    ) -> None:
        self.flow = flow
        self.url = url
        self.password = password
        self.present = present
        self.ledger = Ledger(flow)
        self._transport = httpx.HTTPTransport(verify=url.startswith("https"), retries=1)
        self._run = secrets.token_hex(3)
        self._count = 0
        self._people: dict[tuple[frozenset[str], int, str], Client] = {}
        self._services: dict[str, Client] = {}
        self._admin: Client | None = None
        self._spare: list[Client] = []
        self._names: set[str] = set()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def visitor(self) -> Client:
        """Somebody who has not signed in."""
        return Client(self.url, self._transport, self.ledger)

    def sign_in(self, username: str, password: str) -> Client:
        """A person's session."""
        client = self.visitor()
        entering = self.present.visitor() if self.present else client
        session = accepted(entering.sign_in(username, password), f"{username} signs in")
        client.http.cookies.update(entering.http.cookies)
        client.csrf = session["csrf_token"]
        department = self.ledger.department_of(username)
        client.actor = Actor(username, frozenset(session["roles"]), department)
        return client

    def sign_in_all(self) -> list[dict[str, Any]]:
        """Sign in the demo's people and some without roles; gives their sessions, for `known`."""
        self._spare = [self.new_person() for _ in range(SPARE_PEOPLE)]
        return self.sessions([*self.demo_people(), *self._spare])

    def demo_people(self) -> list[Client]:
        """The demo's admin, and its person of each role."""
        return [self.admin, *(self.client_as(role) for role in self.flow.person_roles)]

    def sessions(self, clients: list[Client]) -> list[dict[str, Any]]:
        """The sessions of these people, for `known`."""
        return [
            {
                "username": client.actor.username,
                "roles": sorted(client.actor.roles),
                "csrf": client.csrf,
                "cookies": dict(client.http.cookies),
            }
            for client in clients
        ]

    def known(self, people: list[dict[str, Any]]) -> None:
        """Take these sessions for those of the demo's people and of some without roles."""
        for each in people:
            client = self.visitor()
            client.http.cookies.update(each["cookies"])
            client.csrf = each["csrf"]
            client.actor = Actor(each["username"], frozenset(each["roles"]))
            if each["username"] == ADMIN:
                self._admin = client
            elif each["roles"]:
                self._people[client.actor.roles, 0, HOME_DEPARTMENT] = client
            else:
                self._spare.append(client)

    @property
    def admin(self) -> Client:
        """The demo's admin."""
        if self._admin is None:
            self._admin = self.sign_in(ADMIN, self.password)
        return self._admin

    def service(self, role: str) -> Client:
        """The service account of a role."""
        if role not in self._services:
            client = self.visitor()
            client.http.headers["Authorization"] = f"Bearer {role}-{self.password}"
            client.actor = Actor(role, frozenset({role}), department="")
            self._services[role] = client
        return self._services[role]

    def new_name(self) -> str:
        """A username that nobody has."""
        self._count += 1
        return f"suite-{self._run}-{self._count}"

    def add_person(self, *roles: str, department: str = HOME_DEPARTMENT) -> str:
        """Add somebody with these roles and `PASSWORD`; gives the username."""
        name = self.new_name()
        body = {"username": name, "name": f"Suite {name}", "password": PASSWORD}
        if self.flow.departments:
            body["department"] = department
            self.ledger.move_to(name, department)
        accepted(self.admin.post("/api/users", {**body, "roles": sorted(roles)}), "adding a person")
        self._names |= {name} if self._names else set()
        return name

    def usernames(self) -> frozenset[str]:
        """The usernames that there were when this was first asked, and those added since by the suite."""
        if not self._names:
            self._names = {user["username"] for user in self.all_pages(self.admin, "/api/users")}
        return frozenset(self._names)

    def new_person(self, *roles: str, department: str = HOME_DEPARTMENT) -> Client:
        """Somebody new with these roles, signed in."""
        if self._spare and department == HOME_DEPARTMENT:
            return self.set_roles(self._spare.pop(), *roles)
        return self.sign_in(self.add_person(*roles, department=department), PASSWORD)

    def client_as(self, *roles: str, number: int = 0, department: str = HOME_DEPARTMENT) -> Client:
        """A person (or the service) with exactly these roles, signed in, the same one each time.

        Other numbers give other people of the same roles.
        """
        if len(roles) == 1 and roles[0] in self.flow.service_roles:
            return self.service(roles[0])
        if roles == (ADMIN,) and number == 0:
            return self.admin
        key = (frozenset(roles), number, department)
        if key not in self._people:
            demo = len(roles) == 1 and number == 0 and department == HOME_DEPARTMENT
            self._people[key] = (
                self.sign_in(roles[0], self.password)
                if demo
                else self.new_person(*roles, department=department)
            )
        return self._people[key]

    def known_people(self) -> dict[str, Client]:
        """The people of `client_as` so far, by their usernames."""
        return {client.actor.username: client for client in self._people.values()}

    def set_roles(self, client: Client, *roles: str) -> Client:
        """Give a person other lasting roles; the session goes on."""
        if client.actor.roles != frozenset(roles):
            path = f"/api/users/{client.actor.username}"
            accepted(self.admin.patch(path, {"roles": sorted(roles)}), "changing roles")
            client.actor = replace(client.actor, roles=frozenset(roles))
        return client

    def named(self, username: str) -> Client:
        """One of the people whom fields name, as `Field.people` has them, signed in."""
        role = username.rpartition(".")[0]
        key = (frozenset({role, username}), 0, HOME_DEPARTMENT)
        if key not in self._people:
            self._people[key] = self.sign_in(username, PASSWORD)
        return self.set_roles(self._people[key], role)

    def add_named(self) -> None:
        """Add the people whom fields name, as far as they are not there from an earlier run."""
        fields = self.flow.person_fields.values()
        wanted = {name: field.role for field in fields for name in field.people}
        missing = wanted.keys() - self.usernames() if wanted else ()
        for username in sorted(missing, reverse=True):
            body = {"username": username, "name": v.named(username), "password": PASSWORD}
            body |= {"department": HOME_DEPARTMENT} if self.flow.departments else {}
            body |= {"email": f"{username}@example.org"} if self.flow.mails else {}
            accepted(self.admin.post("/api/users", {**body, "roles": [wanted[username]]}))
            self._names.add(username)

    def move_to(self, client: Client, department: str) -> Client:
        """Move a person to another department, and their records with them; the session goes on."""
        username = client.actor.username
        path = f"/api/users/{username}"
        accepted(self.admin.patch(path, {"department": department}), "changing the department")
        self.ledger.move_to(username, department)
        client.actor = replace(client.actor, department=department)
        return client

    def all_pages(self, client: Client, path: str, **params: Any) -> list[dict[str, Any]]:
        """Every item of a paged list."""
        items: list[dict[str, Any]] = []
        number = 1
        while True:
            page = accepted(client.get(path, **params, page=number, size=100))
            items.extend(page["items"])
            if len(items) >= page["total"] or not page["items"]:
                return items
            number += 1
