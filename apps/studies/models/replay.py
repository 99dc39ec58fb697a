"""Subjects of a replayed study whose later data wait for their day."""

from django.db import models

from apps.studies.models.study import Subject


class HeldBack(models.Model):
    """How far a subject has been replayed from which source; gone when nothing waits any more."""

    subject = models.OneToOneField(Subject, on_delete=models.CASCADE, primary_key=True, related_name="held_back")
    source = models.CharField(max_length=500)
    known_until = models.DateField()

    def __str__(self) -> str:
        return f"{self.subject} until {self.known_until}"
