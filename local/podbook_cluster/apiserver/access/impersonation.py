"""Lets a user who may act for another do so: `kubectl --as`."""

from typing import Final
from urllib.parse import unquote

from aiohttp import web

from podbook_cluster.apiserver.access.rbac import Access, Attributes
from podbook_cluster.apiserver.access.users import User, service_account
from podbook_cluster.apiserver.terms.errors import ApiError

_USER: Final = "Impersonate-User"
_GROUP: Final = "Impersonate-Group"
_UID: Final = "Impersonate-Uid"
_EXTRA: Final = "Impersonate-Extra-"
_ACCOUNT: Final = "system:serviceaccount:"


def acting_as(http: web.BaseRequest, user: User, access: Access) -> User:
    """Return whom a request is made for: mostly the user who makes it.

    Raises:
        ApiError: 403 where the user may not impersonate.

    """
    name = http.headers.get(_USER)
    if name is None:
        return user
    groups = tuple(http.headers.getall(_GROUP, ()))
    for resource, wanted in (("users", name), *(("groups", group) for group in groups)):
        if not access.allows(user, Attributes("impersonate", resource=resource, name=wanted)):
            raise ApiError(
                403,
                "Forbidden",
                f'{resource} "{wanted}" is forbidden: User "{user.name}" cannot impersonate'
                f' resource "{resource}" in API group "" at the cluster scope',
            )
    return _user(http, name, groups)


def _user(http: web.BaseRequest, name: str, groups: tuple[str, ...]) -> User:
    extra: dict[str, tuple[str, ...]] = {}
    for header, value in http.headers.items():
        if header.lower().startswith(_EXTRA.lower()):
            key = unquote(header[len(_EXTRA) :]).lower()
            extra[key] = (*extra.get(key, ()), value)
    uid = http.headers.get(_UID, "")
    if name.startswith(_ACCOUNT) and not groups:
        namespace, _, account = name.removeprefix(_ACCOUNT).partition(":")
        return service_account(namespace, account, uid, extra)
    return User(name, (*groups, "system:authenticated"), uid, extra)
