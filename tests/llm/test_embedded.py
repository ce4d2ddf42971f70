"""What can go wrong with the model file or the child process is said in one sentence, and never raises later."""

import asyncio
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from app import model_files
from app.config import Settings
from app.errors import ConfigurationError, ModelFileError, ModelUnavailable
from app.llm.backends import choose_model
from app.llm.base import ChatMessage
from app.llm.calls import complete, wait_until_ready, warm
from app.llm.embedded import EmbeddedModel, choose_threads
from app.llm.ollama import OllamaModel
from app.llm.openai import OpenAIModel

ASKED = [ChatMessage("user", "အော်ဒါ ဘယ်ရောက်ပြီလဲ")]


def write(path: Path, data: bytes = b"GGUF" + bytes(60)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_a_missing_file_names_the_command_that_fetches_it(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"kaunter model pull qwen2\.5-coder-1\.5b"):
        EmbeddedModel(tmp_path / "qwen2.5-coder-1.5b.gguf", "qwen2.5-coder-1.5b", 8192)


@pytest.mark.parametrize("data", [b"", b"GG", b"<html>not found</html>", b"\x00" * 4096])
def test_something_else_than_a_model_is_told_apart(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ModelFileError, match="not a GGUF"):
        EmbeddedModel(write(tmp_path / "m.gguf", data), "m", 8192)


def test_a_cut_off_file_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"64 bytes, not 491,400,064"):
        EmbeddedModel(write(tmp_path / "m.gguf"), "m", 8192, expected_bytes=491_400_064)


def test_a_folder_is_no_model_file(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError):
        EmbeddedModel(tmp_path, "m", 8192)


async def test_a_damaged_file_is_an_unavailable_model_with_advice(tmp_path: Path) -> None:
    model = EmbeddedModel(write(tmp_path / "m.gguf"), "m", 2048)
    await model.start()
    try:
        async with asyncio.timeout(60):
            while (health := await wait_until_ready(model, 60)).state == "loading":
                continue
        assert health.state == "unavailable"
        assert "kaunter model pull" in health.detail
        with pytest.raises(ModelUnavailable):
            await complete(model, ASKED)
        with pytest.raises(ModelUnavailable):
            await warm(model, ASKED)
    finally:
        await model.close()


async def test_a_model_that_was_not_started_is_loading_not_broken(tmp_path: Path) -> None:
    model = EmbeddedModel(write(tmp_path / "m.gguf"), "m", 2048)
    assert (await model.health()).state == "loading"
    with pytest.raises(ModelUnavailable):
        await complete(model, ASKED)
    await model.close()


def test_one_core_is_left_to_the_rest_unless_told_otherwise() -> None:
    assert choose_threads(3) == 3
    assert choose_threads(0) >= 1


async def test_without_any_file_the_choice_says_what_to_run(tmp_path: Path) -> None:
    for backend in ("embedded", "auto"):
        settings = Settings(data_dir=tmp_path, model_backend=backend, ollama_url="http://127.0.0.1:9")
        with pytest.raises(ModelFileError, match="kaunter model pull"):
            await choose_model(settings)


async def test_no_model_is_a_choice_too(tmp_path: Path) -> None:
    assert await choose_model(Settings(data_dir=tmp_path, model_backend="none")) is None


async def test_the_best_file_present_is_chosen(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, model_backend="auto", ollama_url="http://127.0.0.1:9")
    models = tmp_path / "models"
    write(models / "qwen2.5-coder-0.5b.gguf")
    write(models / "qwen3-4b.gguf")
    chosen = await choose_model(settings)
    assert isinstance(chosen, EmbeddedModel)
    assert (chosen.name, chosen.path.parent) == ("qwen3-4b", models)


async def test_a_damaged_file_of_the_right_size_is_refused_before_it_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = b"GGUF" + bytes(200)
    known = model_files.find_entry("qwen2.5-coder-0.5b")
    entry = replace(known, bytes=len(good), sha256=hashlib.sha256(good).hexdigest())
    monkeypatch.setattr(model_files, "CATALOGUE", (entry,))
    settings = Settings(data_dir=tmp_path, model_backend="embedded")
    path = write(tmp_path / "models" / "qwen2.5-coder-0.5b.gguf", good[:-1] + b"X")
    with pytest.raises(ModelFileError, match="damaged"):
        await choose_model(settings)
    write(path, good)
    assert await choose_model(settings) is not None
    assert model_files.look_at(path.parent, entry).verified


async def test_a_path_of_ones_own_is_taken(tmp_path: Path) -> None:
    own = write(tmp_path / "elsewhere" / "sea-lion.gguf")
    chosen = await choose_model(Settings(data_dir=tmp_path, model_backend="embedded", model=str(own)))
    assert isinstance(chosen, EmbeddedModel)
    assert chosen.path == own


@pytest.mark.parametrize("name", ["qwen9", "../../etc/passwd", "/nowhere/x.gguf"])
async def test_a_name_that_is_neither_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelFileError):
        await choose_model(Settings(data_dir=tmp_path, model_backend="embedded", model=name))


async def test_the_other_backends_are_chosen_by_name(tmp_path: Path) -> None:
    ollama = await choose_model(Settings(data_dir=tmp_path, model_backend="ollama"))
    assert isinstance(ollama, OllamaModel)
    assert ollama.name == "qwen3:4b-instruct-2507-q4_K_M"
    await ollama.close()
    settings = Settings(data_dir=tmp_path, model_backend="openai", openai_url="http://127.0.0.1:9/v1", model="m")
    chosen = await choose_model(settings)
    assert isinstance(chosen, OpenAIModel)
    await chosen.close()
    with pytest.raises(ConfigurationError, match="KAUNTER_MODEL"):
        await choose_model(settings.model_copy(update={"model": ""}))
