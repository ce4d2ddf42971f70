"""Rivals beside Kaunter: the same scenarios, shop, judge, model server and sampling; see docs/benchmarks.md.

``sample`` lists the scenarios, ``adapter`` stands in front of the model server, ``desk`` is what the rivals' tools
reach, ``plain``, ``lang_chain`` and ``openai_agents`` are the rivals, ``counter`` lets the evaluation talk to them,
``run`` plays and ``report`` counts. The rivals' packages are pinned in ``requirements.lock``, no part of Kaunter.
"""
