"""Adds to the trail what changes no row: sign-ins, sign-outs, refusals and waits (21 CFR 11.10(e), 11.300(d))."""

from collections.abc import Mapping

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction

from apps.accounts.domain.proofs import ProofKind
from apps.accounts.domain.roles import study_of_group
from apps.accounts.models import User
from apps.accounts.services.proofs import Proof
from apps.compliance.domain.acts import SIGNING_REFUSED, Refusal
from apps.compliance.models import Review, TrailEntry
from apps.studies.models import Study


def note_proof(proof: Proof) -> None:
    """Add what happened at a door: once for the platform, and once for each study that the person has a role in.

    So an auditor of a study reads of its people, whoever administers the platform of everybody, and neither of more.
    """
    # Who was refused proved nothing: the account is what the row is about, and nobody is its actor.
    actor = proof.user if proof.kind in {ProofKind.SIGN_IN, ProofKind.SIGN_OUT} else None
    why = _why(proof)
    told = {"why": why.value if why else "", "address": proof.address, "seconds": proof.seconds}
    with transaction.atomic():
        for study_id in (None, *_studies_of(proof.user)):
            _add(proof.kind.value, proof.user, actor=actor, study_id=study_id, told=told)


def note_refused_signing(*, review: Review, signer: User, why: Refusal, address: str) -> None:
    """Add to the trail of the study that somebody was refused to sign, and why."""
    told = {"why": why.value, "address": address}
    _add(SIGNING_REFUSED, review, actor=signer, study_id=review.study_id, told=told)


def _add(
    act: str, of: User | Review | None, *, actor: User | None, study_id: int | None, told: Mapping[str, str | int]
) -> None:
    """One row about a person or a review; about nobody it names nothing but the act."""
    model: type[models.Model] = Review if isinstance(of, Review) else User
    TrailEntry.objects.create(
        action=TrailEntry.Action.ACCESS,
        content_type=ContentType.objects.get_for_model(model),
        object_pk=str(of.pk) if of is not None else "",
        object_id=of.pk if isinstance(of, User) else None,
        object_repr=str(of) if of is not None else "",
        actor=actor,
        study_id=study_id,
        additional_data={"act": act, **{name: value for name, value in told.items() if value}},
    )


def _why(proof: Proof) -> Refusal | None:
    """Why the door stayed closed; an account that was closed counts before whatever was typed."""
    if proof.kind in {ProofKind.SIGN_IN, ProofKind.SIGN_OUT, ProofKind.WAIT}:
        return None
    if proof.user is None:
        return Refusal.NOBODY
    if not proof.user.is_active:
        return Refusal.CLOSED
    return Refusal.WRONG_SECRET if proof.kind is ProofKind.TOKEN_REFUSED else Refusal.WRONG_PASSWORD


def _studies_of(user: User | None) -> list[int]:
    if user is None:
        return []
    # By the roles of now: somebody who holds none any more is the platform's alone.
    codes = {code for name in user.groups.values_list("name", flat=True) if (code := study_of_group(name))}
    return list(Study.objects.filter(code__in=codes).order_by("pk").values_list("pk", flat=True))
