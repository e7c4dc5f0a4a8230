"""Making a copy: from answers that are right to a folder that is complete."""
