"""Users and the account itself. Sources: account-and-users/*.html."""

from __future__ import annotations

from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox.asking import knows
from leadlens_copper.sandbox.dress import not_found
from leadlens_copper.sandbox.paging import PAGES, page
from leadlens_copper.sandbox.records import PREFIX
from leadlens_copper.sandbox.writing import fits


def me(world: World, request: Request) -> Record:
    """Return the user of the credentials: the one of the header, else the account's first."""
    users = [user for _, user in world.store.iterate("user")]
    email = request.headers.get("x-pw-useremail", "")
    return next((user for user in users if user["email"] == email), users[0])


def get_account(world: World, request: Request) -> Reply:
    """``GET /account``."""
    return Reply(200, next(account for _, account in world.store.iterate("account")))


def get_user(world: World, request: Request) -> Reply:
    """``GET /users/{id}``, with the user's teams; ``me`` is whoever asks."""
    if request.args["id"] == "me":
        return Reply(200, me(world, request))
    found = world.store.get("user", int(request.args["id"]))
    if found is None:
        raise not_found("user id")
    return Reply(200, found)


def search_users(world: World, request: Request) -> Reply:
    """``POST /users/search``: users without their teams."""
    asked = request.json_object() if request.body else {}
    fits(asked, PAGES)
    users = [{key: user[key] for key in ("id", "name", "email")} for _, user in world.store.iterate("user")]
    return page(asked, users)


ROUTES = (
    Route("GET", f"{PREFIX}/account", "get_account", knows(get_account)),
    Route("GET", f"{PREFIX}/users/{{id:[0-9]{{1,18}}|me}}", "get_user", knows(get_user)),
    Route("POST", f"{PREFIX}/users/search", "search_users", knows(search_users), search=True),
)
