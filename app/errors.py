"""The error tree. Every error that Kaunter raises on purpose is one of these.

    KaunterError
    ├── ConfigurationError        the owner must change something; the CLI exits with 2
    │   ├── ModelFileError        missing, corrupt or truncated model file, no disk space
    │   ├── OfflineError          a download was asked for and the host cannot be reached
    │   ├── PortInUse
    │   ├── DatabaseUnusable      locked, from a newer version, not writable
    │   ├── PolicyError           a policy or prompt that cannot be used (file, line)
    │   └── ScenarioError         a scenario of an evaluation that cannot be used (file, line)
    ├── ModelError                one call of the model failed; the turn goes on without it
    │   ├── ModelUnavailable      not reachable, still loading, crashed
    │   ├── ModelMissing          the server does not have this model
    │   ├── ModelBusy             every slot is taken and the queue is full
    │   ├── PromptTooLong         the prompt does not fit into the context
    │   └── ReplyBroken           cut stream, invalid JSON, an error in mid-stream
    ├── InvalidMessage            the customer's text cannot be taken (code, limit)
    ├── InvalidPhoto              an upload that is no photo, damaged or too large
    ├── ShopUnavailable           the shop's own order system cannot be reached or understood right now
    ├── NotFound                  no such conversation, order, proposal
    ├── NotAllowed                authenticated but not permitted, or no valid token
    ├── TooManyTries              throttled (retry_after seconds)
    └── Conflict                  the state changed meanwhile

A message is one sentence for a person: what is wrong, then what to do. It never holds customer data.
"""


class KaunterError(Exception):
    """Base of all errors; ``code`` is stable and appears in problem details and logs."""

    code = "error"


class ConfigurationError(KaunterError):
    code = "configuration"


class ModelFileError(ConfigurationError):
    code = "model_file"


class OfflineError(ConfigurationError):
    code = "offline"


class PortInUse(ConfigurationError):
    code = "port_in_use"


class DatabaseUnusable(ConfigurationError):
    code = "database_unusable"


class PolicyError(ConfigurationError):
    """A policy, prompt or shop profile cannot be used; ``file`` and ``line`` say where."""

    code = "policy"

    def __init__(self, message: str, file: str, line: int = 1) -> None:
        super().__init__(f"{file}:{line}: {message}")
        self.file = file
        self.line = line


class ScenarioError(ConfigurationError):
    """A scenario file of an evaluation cannot be used; ``file`` and ``line`` say where."""

    code = "scenario"

    def __init__(self, message: str, file: str, line: int = 1) -> None:
        super().__init__(f"{file}:{line}: {message}")
        self.file = file
        self.line = line


class ModelError(KaunterError):
    code = "model"


class ModelUnavailable(ModelError):
    code = "model_unavailable"


class ModelMissing(ModelError):
    code = "model_missing"


class ModelBusy(ModelError):
    code = "model_busy"


class PromptTooLong(ModelError):
    """``prompt_tokens`` did not fit into ``context_tokens``."""

    code = "prompt_too_long"

    def __init__(self, prompt_tokens: int, context_tokens: int) -> None:
        super().__init__(f"The prompt has {prompt_tokens} tokens; the context holds {context_tokens}.")
        self.prompt_tokens = prompt_tokens
        self.context_tokens = context_tokens


class ReplyBroken(ModelError):
    code = "reply_broken"


class InvalidMessage(KaunterError):
    """A customer's text that cannot be taken; ``code`` is ``message_empty`` or ``message_too_long``."""

    def __init__(self, code: str, message: str, limit: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.limit = limit


class InvalidPhoto(KaunterError):
    code = "photo_invalid"


class ShopUnavailable(KaunterError):
    code = "shop_unavailable"


class NotFound(KaunterError):
    code = "not_found"


class NotAllowed(KaunterError):
    code = "not_allowed"


class TooManyTries(KaunterError):
    """Throttled; try again after ``retry_after`` seconds."""

    code = "too_many_tries"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many tries. Try again in {retry_after} seconds.")
        self.retry_after = retry_after


class Conflict(KaunterError):
    code = "conflict"
