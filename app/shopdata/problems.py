"""What is wrong with a file, a row or a field, told so that an owner finds it."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that cannot be taken. Holds no value of the record but its id: a report may be shown around."""

    file: str
    row: str
    """The record: ``orders[3]`` of a JSON file, ``line 12`` of a CSV file; empty for the file itself."""
    field: str
    reason: str

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.file, self.row) if part)
        return f"{place}: {f'{self.field} ' if self.field else ''}{self.reason}"


class ShopDataError(ConfigurationError):
    """A file that cannot be read as shop data at all."""

    code = "shop_data"


class ImportRefused(ShopDataError):
    """Records were rejected, so nothing was imported; ``rejections`` says which."""

    code = "import_refused"

    def __init__(self, rejections: Sequence[Rejection]) -> None:
        count = f"{len(rejections)} record{'s' if len(rejections) > 1 else ''}"
        super().__init__(
            f"Nothing was imported: {count} cannot be taken. "
            "Correct what is listed, or take only the good ones with --skip-bad."
        )
        self.rejections = tuple(rejections)
