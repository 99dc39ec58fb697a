"""Reads a narrative as a stranger would and believes nothing that its facts do not say."""
