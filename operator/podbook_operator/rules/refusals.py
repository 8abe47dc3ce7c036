"""What it means for an execution that the API server refused its pod."""

from datetime import timedelta
from http import HTTPStatus
from typing import Final

from podbook_crds.ends.reasons import Reason
from podbook_crds.errors import Refused
from podbook_operator.rules.attempts import finish, waiting
from podbook_operator.rules.view import Decision, View

_QUOTA_RETRY: Final = timedelta(seconds=10)
# What a pod that has nothing to save takes to go.
_CLEARED: Final = timedelta(seconds=1.5)

# A 403 that says so is about our own rights, which the execution is not to blame for. Any other is
# an admission plugin's about the pod: Pod Security, a limit range, a policy, an unknown account.
_OUR_RIGHTS: Final = 'cannot create resource "pods"'


def after_refusal(view: View, refused: Refused, *, is_clearing: bool = False) -> Decision | None:
    """Return what is to be done, or None where the refusal is not about this execution.

    is_clearing says that pods which only waited for calls are on their way out.
    """
    message = str(refused)
    if _is_namespace_going(refused):
        return Decision()
    if is_quota(refused):
        again_at = view.now + (_CLEARED if is_clearing else _QUOTA_RETRY)
        if view.execution.status.reason is Reason.QUOTA_EXCEEDED:
            return Decision(look_again_at=again_at)
        return Decision(waiting(view, Reason.QUOTA_EXCEEDED, message), look_again_at=again_at)
    if _is_about_the_pod(refused):
        return Decision(finish(view, Reason.INVALID_RUNTIME, message))
    return None


def is_quota(refused: Refused) -> bool:
    """Tell whether it is the namespace's quota that has no room."""
    return "exceeded quota" in str(refused)


def foreign_pod(view: View, name: str) -> Decision:
    """Return the end of an execution whose pod's name is taken by something that is not ours."""
    message = f"pod {name} exists and does not belong to this execution; delete it, submit again"
    return Decision(finish(view, Reason.START_FAILED, message))


def _is_namespace_going(refused: Refused) -> bool:
    if refused.status == HTTPStatus.NOT_FOUND:
        return True
    return refused.status == HTTPStatus.FORBIDDEN and "being terminated" in str(refused)


def _is_about_the_pod(refused: Refused) -> bool:
    if refused.status in {HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.BAD_REQUEST}:
        return True
    return refused.status == HTTPStatus.FORBIDDEN and _OUR_RIGHTS not in str(refused)
