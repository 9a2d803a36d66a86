"""Messages that may mean two passages. They need not all be unclear to every trained model."""

__all__ = ["UNCLEAR"]

UNCLEAR = (
    "is it deep",
    "good for pain",
    "tight muscle",
    "will the muscle hurt",
    "what does the needle do",
    "where does the pain go",
    "what happens with my muscle",
    "needles and pain",
)
