"""The screens and endpoints of each spike that read, by what they are called here."""

LIST = {
    "django": "/admin/spike/accessrequest/",
    "fastapi": "/access-requests",
}


def endpoints(record: int) -> dict[str, str]:
    """The paths of the API, the same in both."""
    api = "/api/access-requests"
    return {
        "API session": "/api/session",
        "API list": api,
        "API search": f"{api}?q=number",
        "API record": f"{api}/{record}",
        "API history": f"{api}/{record}/history",
        "API report": f"{api}/report",
        "API export": f"{api}/export.csv",
        "API follow-ups": "/api/follow-ups",
        "API users": "/api/users",
    }


def screens(spike: str, record: int) -> dict[str, str]:
    """The paths of the staff screens."""
    home = LIST[spike]
    if spike == "django":
        return {
            "list": home,
            "search": f"{home}?q=number",
            "record": f"{home}{record}/change/",
            "report": f"{home}report/",
            "users": "/admin/spike/user/",
            "follow-ups": "/admin/spike/followup/",
        }
    return {
        "list": home,
        "search": f"{home}?q=number",
        "record": f"{home}/{record}",
        "report": "/report",
        "users": "/admin/users",
        "follow-ups": "/admin/follow-ups",
    }
