"""Each row of the trail as a sentence in the words of the field: who did what to which text, person or study."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.contrib.auth.models import Group
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from guardian.models import GroupObjectPermission
from oauth2_provider.models import get_application_model

from apps.accounts.domain.proofs import ProofKind
from apps.accounts.domain.roles import ROLE_LABELS, Role
from apps.accounts.models import ActKind, ActState, AdministrativeAct, User
from apps.compliance.admin.trail_names import Names, grant_words, text_words
from apps.compliance.domain.acts import SIGNING_REFUSED, Refusal
from apps.compliance.domain.workflow import ReviewState
from apps.compliance.models import Review, Signature, TrailEntry
from apps.studies.models import BlindingRule, Site, Study

CREATE: Final = TrailEntry.Action.CREATE
DELETE: Final = TrailEntry.Action.DELETE
REASONS: Final[Mapping[str, Promise]] = {
    Refusal.WRONG_PASSWORD: gettext_lazy("wrong password"),
    Refusal.WRONG_SECRET: gettext_lazy("wrong secret"),
    Refusal.NOBODY: gettext_lazy("no account has the name that was given"),
    Refusal.CLOSED: gettext_lazy("the account is closed"),
    Refusal.UNPROVEN: gettext_lazy("the password was set by somebody else"),
    Refusal.WAITING: gettext_lazy("too many wrong passwords, the wait was not over"),
    Refusal.AUTHOR: gettext_lazy("the author never signs"),
    Refusal.NO_RIGHT: gettext_lazy("the role does not include signing"),
    Refusal.OTHER_TEXT: gettext_lazy("it is not the text that was shown"),
    Refusal.ALTERED: gettext_lazy("the text is not what was written"),
    Refusal.STALE: gettext_lazy("the data moved after the text was written"),
    Refusal.DECIDED: gettext_lazy("decided already, or not in review"),
    Refusal.OTHER: gettext_lazy("it could not be done"),
}
# What it means that a text came to a state; the checks are the portal's, the others a person's.
STEPS: Final[Mapping[str, Promise]] = {
    ReviewState.VERIFIED: gettext_lazy("%(text)s was checked against the data: passed"),
    ReviewState.BLOCKED: gettext_lazy("%(text)s was checked against the data: blocked"),
    ReviewState.IN_REVIEW: gettext_lazy("%(who)s submitted %(text)s for review"),
    ReviewState.CHANGES_REQUESTED: gettext_lazy("%(who)s asked for changes of %(text)s"),
    ReviewState.SIGNED: gettext_lazy("%(who)s approved and signed %(text)s"),
    ReviewState.SUPERSEDED: gettext_lazy("%(text)s was superseded by another version"),
    ReviewState.WITHDRAWN: gettext_lazy("%(who)s rejected %(text)s"),
}


def sentence(entry: TrailEntry, names: Names) -> str:
    """What a row says, beginning with a capital and ending with a full stop."""
    model = entry.content_type.model_class()
    write = _WRITERS.get(model, _other) if model is not None else _other
    # Acts come first: a refused signing is about a review, a refused sign-in about a user, and neither changed its row.
    words = _act(entry, names) if entry.additional_data else write(entry, names)
    return f"{words[:1].upper()}{words[1:]}."


def who(entry: TrailEntry) -> str:
    """Who did it; what nobody who was signed in did, the portal did."""
    return entry.actor.display_name if entry.actor else _("the portal")


def account_words(user: User | None, fallback: str) -> str:
    """A person by name and, where it differs, by the name of the account."""
    if user is None:
        return fallback
    return user.username if user.display_name == user.username else f"{user.display_name} ({user.username})"


def _act(entry: TrailEntry, names: Names) -> str:
    told: Mapping[str, Any] = entry.additional_data
    why = str(REASONS.get(told.get("why", ""), ""))
    of = names.object_of(entry)
    if told["act"] == SIGNING_REFUSED:
        text = text_words(of) if of is not None else entry.object_repr
        return _("signing of %(text)s by %(who)s refused: %(why)s") % {"text": text, "who": who(entry), "why": why}
    # Where the name given was nobody's the row holds neither key nor name, and this is empty.
    name = account_words(of, entry.object_repr)
    return (_about_somebody if name else _about_nobody)(
        ProofKind(told["act"]), {"name": name, "why": why, **_wait(told)}
    )


def _wait(told: Mapping[str, Any]) -> dict[str, Any]:
    seconds, address = int(told.get("seconds", 0)), str(told.get("address", ""))
    words = ngettext("%(seconds)s second", "%(seconds)s seconds", seconds) % {"seconds": seconds}
    return {"wait": words, "address": address or _("an unknown address")}


def _about_somebody(kind: ProofKind, names: Mapping[str, Any]) -> str:
    words = {
        ProofKind.SIGN_IN: _("%(name)s signed in"),
        ProofKind.SIGN_OUT: _("%(name)s signed out"),
        ProofKind.SIGN_IN_REFUSED: _("sign-in of %(name)s refused: %(why)s"),
        ProofKind.PASSWORD_REFUSED: _("%(name)s was refused a new password: the old one was wrong"),
        ProofKind.TOKEN_REFUSED: _("token for %(name)s refused: %(why)s"),
        ProofKind.WAIT: _("%(name)s was locked out for %(wait)s after too many wrong passwords or secrets"),
    }
    return words[kind] % names


def _about_nobody(kind: ProofKind, names: Mapping[str, Any]) -> str:
    """The name that was given is not kept: it may be a password in the wrong field."""
    if kind is ProofKind.WAIT:
        return _("%(address)s was locked out for %(wait)s after too many wrong passwords or secrets") % names
    if kind is ProofKind.TOKEN_REFUSED:
        return _("token for nobody's application refused") % names
    return _("sign-in from %(address)s refused: %(why)s") % names


def _changed(entry: TrailEntry, names: Names, of: str) -> str:
    """A change of fields: what became of one, the names of several."""
    changes = names.changes(entry)
    empty = _("empty")
    if len(changes) == 1:
        (one,) = changes
        return _("%(who)s changed %(of)s: %(label)s from %(old)s to %(new)s") % {
            "who": who(entry), "of": of, "label": one.label, "old": one.old or empty, "new": one.new or empty,
        }  # fmt: skip
    labels = ", ".join(change.label for change in changes)
    return _("%(who)s changed %(of)s: %(labels)s") % {"who": who(entry), "of": of, "labels": labels}


def _made(entry: TrailEntry, names: Names, of: str, made: str, gone: str) -> str:
    words = {"who": who(entry), "of": of}
    if entry.action == CREATE:
        return made % words
    return gone % words if entry.action == DELETE else _changed(entry, names, of)


def _user(entry: TrailEntry, names: Names) -> str:
    person = account_words(names.object_of(entry), entry.object_repr)
    # The library writes what was added to or taken from a relation as a mapping, and the change of a column as a pair.
    roles = entry.changes_dict.get("groups")
    if isinstance(roles, Mapping):
        granted = ", ".join(grant_words(str(name)) for name in roles["objects"])
        words = {"who": who(entry), "person": person, "granted": granted}
        if roles["operation"] == "delete":
            return _("%(who)s took %(granted)s from %(person)s") % words
        return _("%(who)s granted %(granted)s to %(person)s") % words
    return _made(
        entry,
        names,
        _("the account of %(person)s") % {"person": person},
        _("%(who)s opened %(of)s"),
        _("%(who)s removed %(of)s"),
    )


def _group(entry: TrailEntry, names: Names) -> str:
    of = _("the role %(role)s") % {"role": grant_words(entry.object_repr)}
    return _made(entry, names, of, _("%(who)s set up %(of)s"), _("%(who)s removed %(of)s"))


def _right(entry: TrailEntry, names: Names) -> str:
    # A right that was taken away has its values on the old side.
    told = {change.label: change.new or change.old for change in names.changes(entry)}
    words = {
        "who": who(entry),
        "role": told.get(str(_("role")), _("a role")),
        "right": told.get(str(_("right")), _("a right")),
    }
    if entry.action == DELETE:
        return _("%(who)s took from %(role)s the right to %(right)s") % words
    return _("%(who)s gave %(role)s the right to %(right)s") % words


def _study(entry: TrailEntry, names: Names) -> str:
    of = _("study %(study)s") % {"study": entry.object_repr}
    return _made(entry, names, of, _("%(who)s set up %(of)s"), _("%(who)s removed %(of)s"))


def _site(entry: TrailEntry, names: Names) -> str:
    of = _("site %(site)s of study %(study)s") % {
        "site": entry.object_repr,
        "study": entry.study.code if entry.study else "",
    }
    return _made(entry, names, of, _("%(who)s added %(of)s"), _("%(who)s removed %(of)s"))


def _rule(entry: TrailEntry, names: Names) -> str:
    """The name of a rule may tell a treatment, so that no row has it; which rule it is stands on the study's page."""
    of = _("a rule of what blinded readers never see")
    return _made(entry, names, of, _("%(who)s added %(of)s"), _("%(who)s removed %(of)s"))


def _review(entry: TrailEntry, names: Names) -> str:
    review = names.object_of(entry)
    text = text_words(review) if review is not None else entry.object_repr
    words = {"who": who(entry), "text": text}
    authors = entry.changes_dict.get("authors")
    if isinstance(authors, Mapping):
        return _("%(people)s wrote %(text)s") % {"people": ", ".join(map(str, authors["objects"])), "text": text}
    state = entry.changes_dict.get("state")
    if entry.action == CREATE:
        return _("%(text)s was kept as a draft") % words
    if state is not None and state[1] in STEPS:
        return str(STEPS[state[1]]) % words
    return _changed(entry, names, text)


def _signature(entry: TrailEntry, names: Names) -> str:
    signature = names.object_of(entry)
    if signature is None:
        return _("a signature was added: %(signature)s") % {"signature": entry.object_repr}
    words = {"who": signature.printed_name, "role": signature.role, "meaning": signature.meaning}
    return _("the signature of %(who)s (%(role)s) stands under %(text)s, meaning %(meaning)s") % {
        **words, "text": text_words(signature.review),
    }  # fmt: skip


def _application(entry: TrailEntry, names: Names) -> str:
    of = _("the application %(name)s") % {"name": entry.object_repr}
    return _made(entry, names, of, _("%(who)s made %(of)s"), _("%(who)s took %(of)s away"))


def _administrative(entry: TrailEntry, names: Names) -> str:
    act = names.object_of(entry)
    asked = act_words(act) if act is not None else entry.object_repr
    words = {"who": who(entry), "asked": asked}
    state = entry.changes_dict.get("state", ("", ""))[1]
    # Taking rights away waits for nobody: its row is made as done, so that this is asked before whether it was made.
    if state == ActState.DONE:
        return _("%(who)s did at once: %(asked)s") % words
    if entry.action == CREATE:
        return _("%(who)s asked to %(asked)s") % words
    if state == ActState.REFUSED:
        return _("%(who)s refused to %(asked)s") % words
    return _("%(who)s approved, and it was done: %(asked)s") % words


def act_words(act: AdministrativeAct) -> str:
    """What an administrator asked for, as it goes on after "asked to"."""
    names = {"person": act.concerns.display_name, "role": "", "on": act.study_code}
    if act.role in set(Role):
        names["role"] = ROLE_LABELS[Role(act.role)]
    if act.site_code:
        names["on"] = _("site %(site)s of study %(study)s") % {"site": act.site_code, "study": act.study_code}
    elif act.study_code:
        names["on"] = _("study %(study)s") % {"study": act.study_code}
    words = {
        ActKind.GRANT_ROLE: _("grant %(role)s on %(on)s to %(person)s"),
        ActKind.RESET_PASSWORD: _("reset the password of %(person)s"),
        ActKind.MAKE_APPLICATION: _("make an application for %(person)s"),
        ActKind.ROTATE_SECRET: _("give the application of %(person)s a new secret"),
        ActKind.REVOKE_APPLICATION: _("take the application of %(person)s away"),
    }
    return words[ActKind(act.kind)] % names


def _other(entry: TrailEntry, names: Names) -> str:
    return _changed(entry, names, entry.object_repr)


_WRITERS: Final[Mapping[type, Callable[[TrailEntry, Names], str]]] = {
    User: _user,
    Group: _group,
    GroupObjectPermission: _right,
    Study: _study,
    Site: _site,
    BlindingRule: _rule,
    Review: _review,
    Signature: _signature,
    AdministrativeAct: _administrative,
    get_application_model(): _application,
}
