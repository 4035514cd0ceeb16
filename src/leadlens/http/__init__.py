"""Carries out flows over HTTP: the only place that does I/O with a CRM."""
