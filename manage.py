#!/usr/bin/env python
"""Commands of the portal; with nothing set they work on the embedded database in `var/`."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinical_platform.settings.local")
    execute_from_command_line(sys.argv)
