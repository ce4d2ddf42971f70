"""Scripted customers against the assistant, judged by what came of it; see docs/evaluation.md.

``scenario`` reads, ``staging`` sets the shop up, ``playing`` talks, ``judge`` decides, ``runner`` does that for a whole
suite, ``figures`` counts, ``report`` shows. ``judge`` and what it uses (``facts``, ``tongue``, ``fabrication``,
``changes``) import nothing of the guardrails and the language detection: what is judged does not judge.
"""
