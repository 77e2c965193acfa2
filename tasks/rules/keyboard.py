"""What hands leave behind on a keyboard."""

_ROWS = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ",
    "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ",
    "ㅋㅌㅊㅍㅠㅜㅡ",
)
_COLUMNS = ("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm")
_WALK = 4  # keys in a row, to the right or to the left


def _walks(row: str) -> str:
    """Match a walk and what follows it on the same row: asdf, fdsa, asdfasdf, qwertyuiop."""
    ways = (row, row[::-1])
    starts = {way[at : at + _WALK] for way in ways for at in range(len(row) - _WALK + 1)}
    return f"(?:{'|'.join(sorted(starts))})[{row}]*"


# The rest: words of the middle row of eight letters and more (alfalfa has seven), six consonants
# (rhythm and Knightsbridge have fewer in lower case, sequences of amino acids are in capitals),
# and Korean consonants that make no syllable.
MASH = "|".join(
    (
        f"(?i:{'|'.join(map(_walks, _ROWS))})",
        f"(?i:{'|'.join(way for keys in _COLUMNS for way in (keys, keys[::-1]))})",
        r"(?-u:\b)(?i:[asdfghjkl]{8,})(?-u:\b)",
        "[bcdfghjklmnpqrstvwxz]{6,}",
        "[ㄱ-ㅎ]{4,}",
    )
)
