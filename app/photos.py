"""Customers' photos: checked by what they are, decoded with bounds, and encoded anew, so that nothing else survives.

Whoever sent it, the file that is kept was written here: no metadata (a phone writes where the picture was taken), no
second format hidden in the first. Leaves storing to ``store`` and who may see it to ``conversations``.
"""

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from app.errors import InvalidPhoto
from app.models import Photo

MOST_BYTES = 8_000_000
MOST_PIXELS = 50_000_000
"""A phone's camera makes 12 to 48 megapixels; decoded, 50 take 150 MB."""

LONGEST_SIDE = 2048
QUALITY = 85
FORMATS = ("JPEG", "PNG", "WEBP")


def read_photo(data: bytes) -> Photo:
    """Decode an upload and encode it as JPEG of at most ``LONGEST_SIDE`` pixels. Slow: call it in a thread.

    Raises InvalidPhoto for what is too large, no JPEG, PNG or WebP, or damaged.
    """
    if len(data) > MOST_BYTES:
        raise InvalidPhoto(f"The photo is larger than {MOST_BYTES // 1_000_000} MB. Send a smaller one.")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise InvalidPhoto(
                    f"The photo has more than {MOST_PIXELS // 1_000_000} megapixels. Send a smaller one."
                )
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # lets a JPEG be decoded at a fraction of its size
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return _encode(_flatten(upright))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InvalidPhoto("This is no readable JPEG, PNG or WebP photo. Send another file.") from error


def _flatten(image: Image.Image) -> Image.Image:
    """On white where it is transparent."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(ground, image).convert("RGB")
    return image.convert("RGB")


def _encode(image: Image.Image) -> Photo:
    plain = Image.new("RGB", image.size)
    plain.paste(image)  # a new image carries no metadata of the old one
    file = io.BytesIO()
    plain.save(file, "JPEG", quality=QUALITY, optimize=True)
    return Photo(file.getvalue(), "image/jpeg", plain.width, plain.height)
