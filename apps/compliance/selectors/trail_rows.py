"""Rows of the trail as a reader may ask for them: by person, kind of act, study, period, and words; latest first."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from apps.accounts.domain.roles import ROLE_LABELS
from apps.accounts.models import User
from apps.compliance.domain.acts import REFUSED_ACTS, SESSION_ACTS, TABLES, Kind
from apps.compliance.models import Review, Signature
from apps.compliance.models.trail import TrailQuerySet

# Words that fit more texts or people than this are no search; the latest of them are looked for.
MOST_NAMED = 500
# Sign-ins and refusals have data of their own and changed no row.
_IS_CHANGE = Q(additional_data__isnull=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asks the trail for; what is not given asks for all. Days are days in UTC, both included."""

    words: str = ""
    person: int | None = None
    kind: Kind | None = None
    study: int | None = None
    is_platform: bool = False
    since: date | None = None
    until: date | None = None


def rows_for(visible: TrailQuerySet, asked: Asked) -> TrailQuerySet:
    """The rows, among those that the reader may see, that answer; latest first and always in one order."""
    rows = visible
    if asked.kind is not None:
        rows = rows.filter(_of_kind(asked.kind))
    if asked.person is not None:
        # What somebody did and what befell their account: a refused sign-in has no actor.
        rows = rows.filter(Q(actor_id=asked.person) | Q(content_type=_types("user")[0], object_id=asked.person))
    if asked.is_platform:
        rows = rows.filter(study=None)
    elif asked.study is not None:
        rows = rows.filter(study_id=asked.study)
    if asked.since is not None:
        rows = rows.filter(timestamp__gte=_midnight(asked.since))
    # The calendar ends: after its last day there is no midnight to compare with.
    if asked.until is not None and asked.until < date.max:
        rows = rows.filter(timestamp__lt=_midnight(asked.until + timedelta(days=1)))
    if asked.words:
        rows = rows.filter(_with_words(asked.words))
    # Rows of one transaction may share their moment; without the key a page could repeat one and miss another.
    return rows.select_related("actor", "content_type", "study").order_by("-timestamp", "-pk")


def people_in(visible: TrailQuerySet) -> list[User]:
    """Who did something, or was signed in or refused, in the rows that the reader may see; one query."""
    actors = visible.exclude(actor=None).order_by().values("actor_id")
    concerned = visible.filter(content_type=_types("user")[0]).order_by().values("object_id")
    found = User.objects.filter(Q(pk__in=actors) | Q(pk__in=concerned))
    return sorted(found, key=lambda user: (user.display_name.casefold(), user.pk))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)


def _types(*models: str) -> list[int]:
    by_name = {kind.model: kind.pk for kind in ContentType.objects.filter(model__in=models)}
    return [by_name[model] for model in models if model in by_name]


def _of_kind(kind: Kind) -> Q:
    if kind is Kind.REFUSED:
        return Q(additional_data__act__in=sorted(REFUSED_ACTS))
    if kind is Kind.SIGN_INS:
        return Q(additional_data__act__in=sorted(SESSION_ACTS))
    of_tables = Q(content_type__in=_types(*TABLES[kind]))
    if kind is Kind.RIGHTS:
        return of_tables | Q(content_type__in=_types("user"), changes__has_key="groups") & _IS_CHANGE
    if kind is Kind.ACCOUNTS:
        return of_tables & _IS_CHANGE & ~Q(changes__has_key="groups")
    return of_tables


def _with_words(words: str) -> Q:
    """Rows about something of this name: a text, a person, a role; or done by a person of this name."""
    people = User.objects.filter(
        Q(username__icontains=words)
        | Q(printed_name__icontains=words)
        | Q(first_name__icontains=words)
        | Q(last_name__icontains=words)
    ).values("pk")[:MOST_NAMED]
    found = Q(object_repr__icontains=words) | Q(actor__in=people)
    found |= Q(content_type__in=_types("user"), object_id__in=people)
    found |= Q(content_type__in=_types("review", "signature"), object_pk__in=_keys_of_texts(words))
    # Rows hold the codes of roles, and people type their names.
    for role, label in ROLE_LABELS.items():
        if words.casefold() in label.casefold():
            found |= Q(object_repr__icontains=role.value) | Q(changes__icontains=role.value)
    return found


def _keys_of_texts(words: str) -> list[str]:
    """Keys of reviews and signatures under texts of this title; a signature names its text nowhere in its row."""
    reviews = Review.objects.filter(title__icontains=words).order_by("-moved_at").values_list("pk", flat=True)
    keys = list(reviews[:MOST_NAMED])
    signatures = Signature.objects.filter(review__in=keys).values_list("pk", flat=True)
    return [str(key) for key in (*keys, *signatures)]
