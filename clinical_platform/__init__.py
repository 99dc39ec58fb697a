"""Wiring only; the Celery application is made here so that every process that loads settings has it."""

from clinical_platform.celery import app as celery_app

__all__ = ["celery_app"]
