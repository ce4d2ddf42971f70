"""The real small model for the live tests; without its file they fail and say which command fetches it."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from app.llm.calls import wait_until_ready
from app.llm.embedded import EmbeddedModel

ROOT = Path(__file__).parents[2]
NAME = "qwen2.5-coder-0.5b"


def find_model() -> Path:
    """KAUNTER_TEST_MODEL, else where ``kaunter model pull`` puts it."""
    data = Path(os.environ.get("KAUNTER_DATA_DIR") or ROOT / "data")
    path = Path(os.environ.get("KAUNTER_TEST_MODEL") or ROOT / data / "models" / f"{NAME}.gguf")
    if not path.is_file():
        pytest.fail(f"There is no {path}. Run `kaunter model pull {NAME}`, or set KAUNTER_TEST_MODEL.", pytrace=False)
    return path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def embedded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedModel]:
    model = EmbeddedModel(find_model(), NAME, 4096, slots=2, cache_folder=tmp_path_factory.mktemp("cache"))
    await model.start()
    health = await wait_until_ready(model, 120)
    assert health.state == "ready", health.detail
    yield model
    await model.close()
