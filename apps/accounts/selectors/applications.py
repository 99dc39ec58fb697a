"""Which service account stands behind an application."""

from oauth2_provider.models import get_application_model

from apps.accounts.models import User


def account_of_client(client_id: str) -> User | None:
    """The account that a client acts as; None for a client that is none."""
    if not client_id:
        return None
    application = get_application_model().objects.filter(client_id=client_id).select_related("user").first()
    return application.user if application is not None else None
