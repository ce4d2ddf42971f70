"""The child process of the embedded model: llama.cpp's own HTTP server. Started by ``embedded``, never by hand.

The specification comes as one line of JSON on standard input, so that the key is in no argument list and no
environment; ``{"port": N}`` goes out on standard output when the model is loaded. The process ends when standard
input does: so it outlives no parent, not even one that was killed with SIGKILL. Imports nothing of the project.
"""

import json
import os
import sys
import threading
from typing import Any


def build_params(spec: dict[str, Any]) -> Any:
    """One unified KV cache of ``slots`` times ``context_tokens``, so that conversations share their prefix."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = spec["path"]
    params.model_alias = {spec["name"]}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [spec["key"]]
    # llama.cpp reflects every origin with credentials unless told otherwise; no page has business here.
    params.cors_origins = "http://localhost.invalid"
    params.cors_credentials = False
    params.ui = params.endpoint_slots = params.endpoint_props = params.endpoint_metrics = False
    params.n_parallel = spec["slots"]
    params.n_ctx = spec["context_tokens"] * spec["slots"]
    params.kv_unified = True
    params.kv_unified_per_slot = spec["context_tokens"]
    # Parking idle slots in RAM would empty them again and again; ``prefix`` keeps them filled instead.
    params.cache_ram_mib = 0
    params.cache_idle_slots = False
    if spec["slot_folder"]:
        params.slot_save_path = spec["slot_folder"] + os.sep
    if spec["small_cache"]:
        params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_Q8_0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = spec["threads"]
    params.verbosity = 1  # errors only: higher levels may print prompts
    return params


def watch_parent() -> None:
    """Leave as soon as standard input ends."""
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> None:
    spec = json.loads(sys.stdin.buffer.readline())
    watcher = threading.Thread(target=watch_parent)
    watcher.start()
    import xllamacpp

    try:
        server = xllamacpp.Server(build_params(spec))
    except RuntimeError as error:
        print(json.dumps({"error": str(error)}), flush=True)
        os._exit(1)
    port = int(server.listening_address.rsplit(":", 1)[1])
    print(json.dumps({"port": port}), flush=True)
    watcher.join()


if __name__ == "__main__":
    main()
