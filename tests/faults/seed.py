"""What the portal of a faults test holds from the start; run once as a process of its own, then copied."""

import django

django.setup()

from django.test import RequestFactory  # noqa: E402  # models need the set-up above
from oauth2_provider.models import get_application_model  # noqa: E402

from apps.accounts.domain.roles import Role  # noqa: E402
from apps.compliance.domain.workflow import Meaning  # noqa: E402
from apps.compliance.services.signing import sign_review  # noqa: E402
from apps.core.services.jobs import run_job, waiting_jobs  # noqa: E402
from apps.narratives.services.drafting import start_narrative, submit_narrative  # noqa: E402
from apps.studies.selectors.access import principal_of  # noqa: E402
from tests.factories import PASSWORD, StudyFactory, client_account, person, treated_subject  # noqa: E402
from tests.faults.names import CLIENT_ID, CLIENT_SECRET, STUDY, SUBJECT  # noqa: E402


def main() -> None:
    """A subject with a signed narrative, an author, and an integrator's client."""
    study = StudyFactory(code=STUDY, protocol_id="S1")
    subject = treated_subject(study, subject_id=SUBJECT)
    author = person(Role.SAFETY_AUTHOR, study, username="author")
    physician = person(Role.SAFETY_PHYSICIAN, study, username="physician")
    person(Role.DATA_MANAGER, study, username="manager")
    narrative = start_narrative(principal=principal_of(author), user=author, subject=subject)
    while waiting := waiting_jobs():
        for job_id in waiting:
            run_job(job_id)
    version = submit_narrative(principal=principal_of(author), user=author, narrative=narrative)
    sign_review(
        request=RequestFactory().post("/"),
        review=version.review,
        signer=physician,
        password=PASSWORD,
        meaning=Meaning.APPROVAL,
        seen_sha256=version.content_sha256,
    )
    model = get_application_model()
    model.objects.create(
        user=client_account(study),
        name="Client",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        client_type=model.CLIENT_CONFIDENTIAL,
        authorization_grant_type=model.GRANT_CLIENT_CREDENTIALS,
    )


if __name__ == "__main__":
    main()
