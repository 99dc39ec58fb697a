"""Writes English sentences from a plan and its facts, without a language model."""
