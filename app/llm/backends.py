"""Which backend serves: the one place that turns settings into a model. ``main`` and the CLI call it."""

import asyncio

from app import model_files
from app.config import OLLAMA_MODEL, Settings
from app.errors import ConfigurationError
from app.llm.base import Model
from app.llm.embedded import EmbeddedModel, check_file
from app.llm.ollama import OllamaModel
from app.llm.openai import OpenAIModel


async def choose_model(settings: Settings) -> Model | None:
    """The model of ``settings``, not started; None when the owner wants none.

    ``auto`` takes Ollama when it answers within a second and has the model, else the embedded one. Raises
    ModelFileError with the command to run when the embedded model's file is missing or unfit.
    """
    match settings.model_backend:
        case "none":
            return None
        case "openai":
            return build_openai(settings)
        case "ollama":
            return build_ollama(settings)
        case "embedded":
            return await asyncio.to_thread(build_embedded, settings)
    ollama = build_ollama(settings)
    if await ollama.is_usable():
        return ollama
    await ollama.close()
    return await asyncio.to_thread(build_embedded, settings)


def build_ollama(settings: Settings) -> OllamaModel:
    return OllamaModel(settings.ollama_url, settings.model or OLLAMA_MODEL, settings.context_tokens)


def build_openai(settings: Settings) -> OpenAIModel:
    if not settings.model:
        raise ConfigurationError("KAUNTER_MODEL_BACKEND=openai needs KAUNTER_MODEL, a name that the server lists.")
    key = settings.openai_key.get_secret_value()
    return OpenAIModel(settings.openai_url, settings.model, settings.context_tokens, key=key)


def build_embedded(settings: Settings) -> EmbeddedModel:
    """Verified once, then trusted while size and time stay the same. Raises ModelFileError."""
    path, entry = model_files.find_file(settings.data_dir / "models", settings.model)
    expected_bytes = model_files.expect_bytes(path, entry)
    check_file(path, expected_bytes)
    model_files.ensure_verified(path, entry)
    return EmbeddedModel(
        path,
        entry.name if entry else path.stem,
        settings.context_tokens,
        slots=settings.model_slots,
        threads=settings.model_threads,
        expected_bytes=expected_bytes,
        cache_folder=settings.data_dir / "cache",
    )
