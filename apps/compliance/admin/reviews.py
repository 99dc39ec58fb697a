"""Reviews in the admin: a scoped list, and one page on which a second person decides and signs."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.accounts.selectors.roles import role_label
from apps.compliance.admin.forms import MEANINGS, DecisionForm
from apps.compliance.admin.read_only import ReadOnlyAdmin
from apps.compliance.domain.workflow import Meaning, Step
from apps.compliance.models import Review
from apps.compliance.selectors.signatures import faults_under, signatures_of
from apps.compliance.services.content import ShownContent, content_of
from apps.compliance.services.reviewing import move_review, why_not
from apps.compliance.services.signing import sign_review
from apps.core.domain.errors import PlatformError


class ReviewList(ChangeList):
    """One page of the list, hashed afresh: a state is not shown without whether the text is still what was written."""

    def get_results(self, request: HttpRequest) -> None:
        """The rows of the page, each with its faults."""
        super().get_results(request)
        # A queryset would be read anew by the template, without the faults that are put on its rows here.
        self.result_list = list(self.result_list)
        faults = faults_under(self.result_list)
        for review in self.result_list:
            review.faults = faults.get(review.pk, ())


class ReviewAdmin(ReadOnlyAdmin):
    """Every review that the reader may see; the link leads to its decision page."""

    list_display = ["document", "study", "site", "content_version", "state_words", "as_written", "moved_at"]
    list_filter = ["state"]
    ordering = ["-moved_at"]
    list_select_related = ["study", "site"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        """Only what the reader's role and sites let them see."""
        return Review.objects.visible_to(self.principal(request)).select_related("study", "site")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever sees a study sees the state of its reviews."""
        return bool(self.principal(request).study_ids)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """As for one review."""
        return self.has_view_permission(request)

    @admin.display(description=_("document"))
    def document(self, review: Review) -> str:
        """What is reviewed, linked to the decision page."""
        url = reverse("admin:compliance_review_decide", args=[review.pk])
        return format_html('<a href="{}">{}</a>', url, review.title)

    @admin.display(description=_("state"), ordering="state")
    def state_words(self, review: Review) -> str:
        """State in words."""
        return str(review.get_state_display())

    @admin.display(description=_("as written"))
    def as_written(self, review: Review) -> str:
        """Whether text, steps and signatures are what they were."""
        faults: tuple[str, ...] = getattr(review, "faults", ())
        if faults:
            return format_html('<strong class="currency currency--altered">✕ {}</strong>', " ".join(faults))
        return gettext("✓ intact")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list that hashes its page."""
        return ReviewList

    def get_urls(self) -> list[URLPattern]:
        """The decision page beside the list."""
        decide = path(
            "<uuid:review_id>/decide/", self.admin_site.admin_view(self.decide), name="compliance_review_decide"
        )
        return [decide, *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """A review has one page; an id that is none of a review has none."""
        try:
            UUID(object_id)
        except ValueError:
            raise Http404 from None
        return redirect("admin:compliance_review_decide", review_id=object_id)

    def decide(self, request: HttpRequest, review_id: Any) -> HttpResponse:
        """Show the text and what a signature would bind; on POST, carry the decision out."""
        review = self.get_queryset(request).filter(pk=review_id).first()
        # 404 and not 403: a stranger is not told that there is such a review.
        if review is None or not isinstance(request.user, User):
            raise Http404
        form = DecisionForm(request.POST or None)
        status = 200
        if request.method == "POST" and form.is_valid():
            try:
                self._carry_out(request, request.user, review, form)
            except PlatformError as error:
                form.add_error(None, error.detail)
                status = error.status
            else:
                return redirect(request.path)
        # What was refused may have been decided by somebody else meanwhile; the page shows where the review stands now.
        review.refresh_from_db()
        return self._page(request, request.user, review, form, status)

    def _carry_out(self, request: HttpRequest, user: User, review: Review, form: DecisionForm) -> None:
        data = form.cleaned_data
        step = Step(data["decision"])
        if step is Step.SIGN:
            signature = sign_review(
                request=request,
                review=review,
                signer=user,
                password=data["password"],
                meaning=Meaning(data["meaning"]),
                seen_sha256=data["seen_sha256"],
            )
            messages.success(request, gettext("Version signed: %(signature)s") % {"signature": signature})
            return
        move_review(review=review, step=step, actor=user, reason=data["reason"], anchor=data["anchor"])
        messages.success(request, gettext("Your decision was recorded."))

    def _page(self, request: HttpRequest, user: User, review: Review, form: DecisionForm, status: int) -> HttpResponse:
        content = content_of(review)
        refusal = why_not(review=review, step=Step.SIGN, principal=self.principal(request), user=user)
        may_ask = (
            why_not(review=review, step=Step.REQUEST_CHANGES, principal=self.principal(request), user=user) is None
        )
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Error: %(title)s") % {"title": content.title} if form.errors else content.title,
            "review": review,
            "content": content,
            "form": form,
            "refusal": refusal,
            "may_ask_changes": may_ask,
            "bound": _bound(user, review, content),
            "meanings": _meanings(review, content),
            "signatures": signatures_of(review.content_kind, review.content_id),
            "transitions": review.transitions.order_by("at", "pk"),
            "opts": self.model._meta,
        }
        return TemplateResponse(request, "admin/compliance/decide.html", context, status=status)


def _meanings(review: Review, content: ShownContent) -> list[tuple[str, str]]:
    """Each meaning with the sentence that is signed."""
    names = {"number": review.content_version, "data": content.data_version}
    return [(value, str(words) % names) for value, words in MEANINGS.items()]


def _bound(user: User, review: Review, content: ShownContent) -> list[tuple[str, str]]:
    """What a signature would bind, as shown beside the button."""
    return [
        (gettext("Signer"), user.display_name),
        (gettext("Role"), role_label(user, review.study.code)),
        (gettext("Study"), review.study.code),
        (gettext("Subject data"), gettext("twin version %(version)s") % {"version": content.data_version}),
        *((name.capitalize(), sha256) for name, sha256 in content.parts_sha256.items()),
    ]
